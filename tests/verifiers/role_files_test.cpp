#include "proxy/verifiers/role_files.hpp"
#include "tests/support/configuration_failure.hpp"
#include "tests/support/temporary_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <tuple>

namespace wakegate::proxy {
namespace {

using support::temporary_file;

std::string salt() {
    return std::string(auth::scram_verifier::default_salt_size, 's');
}

void rewrite(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::trunc) << content;
}

std::string password_of(const auth::role_table& table, const std::string& role) {
    const auto* const found = table.find(role);
    return found == nullptr ? "nobody" : std::string(found->password->view());
}

TEST(role_files, are_read_once_and_again_when_they_change) {
    const temporary_file userlist("\"ann\" \"secret\"\n");
    role_files files(userlist.path(), "", salt);
    const auto first = files.read_if_changed();
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(password_of(*first, "ann"), "secret");
    EXPECT_EQ(files.read_if_changed(), nullptr);
    rewrite(userlist.path(), "\"ann\" \"secret\"\n\"ben\" \"other\"\n");
    const auto second = files.read_if_changed();
    ASSERT_NE(second, nullptr);
    EXPECT_EQ(password_of(*second, "ben"), "other");
    EXPECT_EQ(second->find("ann")->verifier, first->find("ann")->verifier);
}

TEST(role_files, that_cannot_be_used_are_tried_at_each_look) {
    const temporary_file userlist("\"ann\" \"secret\"\n");
    role_files files(userlist.path(), "", salt);
    std::ignore = files.read_if_changed();
    rewrite(userlist.path(), "no quotes at all\n");
    const auto read = [&] { std::ignore = files.read_if_changed(); };
    EXPECT_NE(
        support::configuration_failure(read).find(userlist.path() + ":1: "), std::string::npos
    );
    EXPECT_NE(support::configuration_failure(read), "accepted");
    rewrite(userlist.path(), "\"ann\" \"another secret\"\n");
    EXPECT_EQ(password_of(*files.read_if_changed(), "ann"), "another secret");
}

/// As the kubelet does: ..data links to the current folder, and the files link through it.
TEST(role_files, of_a_mounted_secret_change_with_its_symbolic_link) {
    const temporary_file unique("");
    const std::filesystem::path mount = unique.path() + ".mount";
    for (const auto* const version : {"..one", "..two"}) {
        std::filesystem::create_directories(mount / version);
        rewrite(mount / version / "ann", std::string("secret of ") + (version + 2) + "\n");
    }
    std::filesystem::create_directory_symlink("..one", mount / "..data");
    std::filesystem::create_symlink("..data/ann", mount / "ann");
    role_files files("", mount, salt);
    EXPECT_EQ(password_of(*files.read_if_changed(), "ann"), "secret of one");
    EXPECT_EQ(files.read_if_changed(), nullptr);
    std::filesystem::create_directory_symlink("..two", mount / "..data_tmp");
    std::filesystem::rename(mount / "..data_tmp", mount / "..data");
    EXPECT_EQ(password_of(*files.read_if_changed(), "ann"), "secret of two");
    std::filesystem::remove_all(mount);
}

TEST(role_files, may_be_none) {
    role_files files("", "", salt);
    EXPECT_EQ(files.read_if_changed()->size(), 0U);
    EXPECT_EQ(files.read_if_changed(), nullptr);
    EXPECT_EQ(files.path(), "");
}

} // namespace
} // namespace wakegate::proxy
