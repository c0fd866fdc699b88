#include "common/input_file.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <string>

#include <sys/stat.h>
#include <unistd.h>

namespace wakegate {
namespace {

std::string text_of(const boost::system::result<void, file_error>& checked) {
    return checked ? "" : checked.error().text;
}

std::string file_problem(const std::string& path) {
    return text_of(check_readable(path));
}

std::string folder_problem(const std::string& path) {
    return text_of(check_listable(path));
}

TEST(input_file, tells_the_kinds_of_failure_apart) {
    const support::temporary_folder folder;
    const auto file = folder.write("users.txt", "x");
    EXPECT_EQ(file_problem(file), "");
    EXPECT_EQ(file_problem("/dev/null"), "") << "what is no folder can be read";
    EXPECT_EQ(file_problem(folder.path()), "'" + folder.path() + "' is a folder, not a file");
    EXPECT_EQ(file_problem(folder.file("none")), "'" + folder.file("none") + "' is missing");
    EXPECT_EQ(
        file_problem(folder.file("no/ne")),
        "'" + folder.file("no/ne") + "' is missing, and so is its folder"
    );
    EXPECT_EQ(file_problem(file + "/below"), "'" + file + "/below' can't be read: Not a directory");
    EXPECT_EQ(folder_problem(folder.path()), "");
    EXPECT_EQ(folder_problem(file), "'" + file + "' is a file, not a folder");
    EXPECT_EQ(folder_problem(folder.file("none")), "'" + folder.file("none") + "' is missing");
}

TEST(input_file, names_the_user_who_may_not_read) {
    const support::temporary_folder folder;
    const auto file = folder.write("users.txt", "x");
    ASSERT_EQ(::chmod(file.c_str(), 0), 0);
    const bool is_root = ::geteuid() == 0; // root may read everything
    constexpr uid_t nobody = 65'534;
    ASSERT_TRUE(!is_root || ::seteuid(nobody) == 0);
    const auto user = std::to_string(::geteuid());
    const auto problem = file_problem(file);
    ASSERT_TRUE(!is_root || ::seteuid(0) == 0);
    EXPECT_EQ(problem, "'" + file + "' can't be read: Permission denied (user " + user + ")");
}

TEST(input_file, shows_the_mode_of_secrets_that_others_can_read) {
    const support::temporary_folder folder;
    const auto file = folder.write("secret", "x");
    const auto privacy_of = [&file](mode_t mode) {
        EXPECT_EQ(::chmod(file.c_str(), mode), 0);
        return mode_open_to_others(file).value_or("private");
    };
    EXPECT_EQ(privacy_of(0600), "private");
    EXPECT_EQ(privacy_of(0400), "private");
    EXPECT_EQ(privacy_of(0644), "mode 0644");
    EXPECT_EQ(privacy_of(0604), "mode 0604");
    EXPECT_EQ(privacy_of(0660), "mode 0660");
    EXPECT_EQ(privacy_of(0640), ::geteuid() == 0 ? "private" : "mode 0640")
        << "the group of root's may";
    EXPECT_FALSE(mode_open_to_others(folder.file("none")).has_value());
    EXPECT_FALSE(mode_open_to_others(folder.path()).has_value());
}

} // namespace
} // namespace wakegate
