#include "proxy/auth/known_roles.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace wakegate::auth {
namespace {

std::shared_ptr<const role_book> book_of(const role_secrets& secrets) {
    return std::make_shared<const role_book>(secrets, [] {
        return std::string("sixteen bytes it");
    });
}

TEST(known_roles, are_the_operators_first_and_then_the_servers) {
    known_roles roles(book_of({{"ann", secret_text("from the file")}}));
    EXPECT_EQ(roles.find("ben"), nullptr);
    roles.replace_server(
        book_of({{"ann", secret_text("from the server")}, {"ben", secret_text("from the server")}})
    );
    EXPECT_EQ(roles.told_by_server(), 2U);
    EXPECT_EQ(roles.find("ann")->password->view(), "from the file");
    EXPECT_EQ(roles.find("ben")->password->view(), "from the server");
    EXPECT_EQ(roles.find("eve"), nullptr);
}

TEST(known_roles, change_whole_and_leave_a_login_what_it_has_found) {
    known_roles roles(book_of({{"ann", secret_text("old")}, {"ben", secret_text("same")}}));
    const auto found = roles.find("ann");
    roles.replace_files(book_of({{"ben", secret_text("same")}}));
    EXPECT_EQ(roles.find("ann"), nullptr);
    EXPECT_NE(roles.find("ben"), nullptr);
    EXPECT_EQ(found->password->view(), "old");
}

} // namespace
} // namespace wakegate::auth
