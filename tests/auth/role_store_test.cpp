#include "proxy/auth/role_store.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace wakegate::auth {
namespace {

std::shared_ptr<const role_table> table_of(const role_secrets& secrets) {
    return std::make_shared<const role_table>(secrets, [] {
        return std::string("sixteen bytes it");
    });
}

TEST(role_store, are_the_operators_first_and_then_the_servers) {
    role_store roles(table_of({{"ann", secret_text("from the file")}}));
    EXPECT_EQ(roles.find("ben"), nullptr);
    roles.replace_server_roles(
        table_of({{"ann", secret_text("from the server")}, {"ben", secret_text("from the server")}})
    );
    EXPECT_EQ(roles.server_role_count(), 2U);
    EXPECT_EQ(roles.find("ann")->password->view(), "from the file");
    EXPECT_EQ(roles.find("ben")->password->view(), "from the server");
    EXPECT_EQ(roles.find("eve"), nullptr);
}

TEST(role_store, change_whole_and_leave_a_login_what_it_has_found) {
    role_store roles(table_of({{"ann", secret_text("old")}, {"ben", secret_text("same")}}));
    const auto found = roles.find("ann");
    roles.replace_file_roles(table_of({{"ben", secret_text("same")}}));
    EXPECT_EQ(roles.find("ann"), nullptr);
    EXPECT_NE(roles.find("ben"), nullptr);
    EXPECT_EQ(found->password->view(), "old");
}

TEST(role_store, are_empty_until_either_source_knows_somebody) {
    role_store roles(table_of({}));
    EXPECT_TRUE(roles.empty());
    roles.replace_server_roles(table_of({{"ann", secret_text("secret")}}));
    EXPECT_FALSE(roles.empty());
    EXPECT_FALSE(role_store(table_of({{"ann", secret_text("secret")}})).empty());
}

TEST(role_store, tell_who_has_nothing_to_log_in_by) {
    role_store roles(table_of({}));
    const std::vector<std::string> without_verifier{"old"};
    roles.replace_server_roles(
        std::make_shared<const role_table>(std::vector<cached_verifier>(), without_verifier)
    );
    EXPECT_TRUE(roles.lacks_verifier("old"));
    EXPECT_FALSE(roles.lacks_verifier("ann"));
    EXPECT_TRUE(roles.empty());
}

} // namespace
} // namespace wakegate::auth
