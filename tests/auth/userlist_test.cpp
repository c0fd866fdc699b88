#include "proxy/auth/secret_directory.hpp"
#include "proxy/auth/userlist.hpp"
#include "tests/support/configuration_failure.hpp"
#include "tests/support/temporary_file.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace wakegate::auth {

namespace {

using namespace std::string_literals;

const std::string verifier =
    "SCRAM-SHA-256$4096:k+AI/urVCY8+/yl6yjWbgQ==$LWhc6+4AO1ZeHoMAXc22DnPdg9/zuNZYM52TmYwKpo8=:"
    "8CFwsRIYHKbAkFq3XkiXWnQ0QoRh+LjL2fDKH43jIH4=";

/// "ann=verifier bob=password:pencil"
std::string shown(const role_secrets& secrets) {
    std::string text;
    for (const auto& [role, secret] : secrets) {
        text += (text.empty() ? "" : " ") + role + "=";
        if (const auto* const password = std::get_if<secret_text>(&secret)) {
            text += "password:" + std::string(password->view());
        } else {
            text += std::get<scram_verifier>(secret).text() == verifier ? "verifier" : "another";
        }
    }
    return text;
}

struct userlist_case {
    const char* name;
    std::string text;
    std::string expected; ///< the roles read, or the error
};

auto name_of_case = [](const auto& tested) { return tested.param.name; };

class userlist_read : public testing::TestWithParam<userlist_case> {};

TEST_P(userlist_read, are_read_as_pgbouncer_reads_them) {
    EXPECT_EQ(shown(parse_userlist(GetParam().text, "userlist.txt")), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    userlist,
    userlist_read,
    testing::ValuesIn(std::vector<userlist_case>{
        {"empty", "", ""},
        {"blank_lines_and_comments", "\n  \n;x\n  ; \"a\" \"b\"\n\t\r\n", ""},
        {"both_kinds",
         "\"ann\" \"" + verifier + "\"\n\"bob\" \"pencil\"\n",
         "ann=verifier bob=password:pencil"},
        {"no_line_end", "\"ann\" \"pencil\"", "ann=password:pencil"},
        {"lines_end_as_on_windows",
         "\"ann\" \"x\"\r\n\"bob\" \"y\"\r\n",
         "ann=password:x bob=password:y"},
        {"indented", "  \"ann\"\t \"x\"", "ann=password:x"},
        {"nothing_between", "\"ann\"\"x\" \"y\"", "ann\"x=password:y"},
        {"doubled_quotes", "\"a\"\"b\" \"\"\"c\"\"\"", "a\"b=password:\"c\""},
        {"more_on_the_line",
         "\"ann\" \"x\" \"2030-01-01\" ; y\n\"bob\" \"y\"",
         "ann=password:x bob=password:y"},
        {"comes_twice", "\"ann\" \"x\"\n\"ann\" \"y\"", "ann=password:y"},
        {"longer_than_a_name",
         "\"" + std::string(64, 'r') + "\" \"x\"",
         std::string(63, 'r') + "=password:x"},
        {"comes_twice_when_it_is_cut",
         "\"" + std::string(64, 'r') + "\" \"x\"\n\"" + std::string(63, 'r') + "\" \"y\"",
         std::string(63, 'r') + "=password:y"},
        {"backslashes_mean_nothing", R"("ann" "a\"b)", R"(ann=password:a\)"},
        {"line_end_in_a_secret",
         "\"ann\" \"a\nb\"\n\"bob\" \"y\"",
         "ann=password:a\nb bob=password:y"},
        {"md5_without_its_digits", "\"ann\" \"md5 is a hash\"", "ann=password:md5 is a hash"},
        {"upper_case_is_another_role",
         "\"Ann\" \"x\"\n\"ann\" \"y\"",
         "Ann=password:x ann=password:y"},
    }),
    name_of_case
);

TEST(userlist, tells_which_roles_have_several_lines) {
    const auto text =
        "; roles\n\"ann\" \"x\"\n\"bob\" \"y\nz\"\n\n\"ann\" \"y\"\n\"ann\" \"z\"\n\"" +
        std::string(64, 'r') + "\" \"x\"\n\"" + std::string(63, 'r') + "\" \"x\"\n";
    const std::vector<repeated_role> expected = {{"ann", 2, 7}, {std::string(63, 'r'), 8, 9}};
    EXPECT_EQ(repeated_roles(text, "userlist.txt"), expected);
    EXPECT_TRUE(repeated_roles("\"ann\" \"x\"\n\"Ann\" \"x\"\n", "userlist.txt").empty());
}

class userlist_refused : public testing::TestWithParam<userlist_case> {};

TEST_P(userlist_refused, say_file_line_and_reason) {
    const auto failure = support::configuration_failure([] {
        std::ignore = parse_userlist(GetParam().text, "userlist.txt");
    });
    EXPECT_EQ(failure, "userlist.txt:" + GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    userlist,
    userlist_refused,
    testing::ValuesIn(std::vector<userlist_case>{
        {"no_quotes", ";\nann pencil\n", "2: expected the role in double quotes"},
        {"no_closing_quote", "\"ann", "1: the role has no closing quote"},
        {"no_secret", "\"ann\"\n", "1: expected the secret in double quotes"},
        {"secret_on_the_next_line", "\"ann\"\n\"x\"\n", "1: expected the secret in double quotes"},
        {"secret_without_an_end", "\n\"ann\" \"x\n", "2: the secret has no closing quote"},
        {"no_name", "\"\" \"x\"", "1: a role's name is 1 to 127 bytes long"},
        {"long_name",
         "\"" + std::string(128, 'r') + "\" \"x\"",
         "1: a role's name is 1 to 127 bytes long"},
        {"zero_byte", "\"ann\" \"a\0b\""s, "1: the secret holds a zero byte"},
        {"empty_secret",
         "\"ann\" \"\"",
         "1: role \"ann\": the secret is empty: give a SCRAM-SHA-256 verifier or a password, or "
         "remove the role"},
        {"long_secret",
         "\"ann\" \"" + std::string(65'532, 'x') + "\"",
         "1: role \"ann\": the secret is longer than 65531 bytes"},
        {"damaged_verifier",
         "\"ann\" \"" + verifier.substr(0, 100) + "\"",
         "1: role \"ann\": the SCRAM-SHA-256 verifier is damaged: copy it anew from "
         "pg_authid.rolpassword"},
        {"md5",
         "\"bob\" \"x\n\ny\"\n\n\"ann\" \"md50123456789abcdef0123456789abcdef\"",
         "5: role \"ann\": an md5 hash can't be used for `auth: scram`: set the password again "
         "with password_encryption = 'scram-sha-256' and copy the verifier from pg_authid, or let "
         "the server decide with `auth: passthrough`"},
    }),
    name_of_case
);

TEST(userlist_secret_files, are_roles_by_their_names) {
    const auto secrets = read_secret_files({{"ann", verifier + "\n"}, {"bob", "pencil"}}, "/roles");
    EXPECT_EQ(shown(secrets), "ann=verifier bob=password:pencil");
    EXPECT_EQ(shown(read_secret_files({{"ann", " x \r\n"}}, "/roles")), "ann=password: x ");
}

TEST(userlist_secret_files, have_names_that_are_cut_as_the_server_does) {
    const std::string name(63, 'r');
    EXPECT_EQ(shown(read_secret_files({{name + "1", "x"}}, "/roles")), name + "=password:x");
    const auto failure = support::configuration_failure([&name] {
        std::ignore = read_secret_files({{name + "1", "x"}, {name + "2", "y"}}, "/roles");
    });
    EXPECT_EQ(
        failure,
        "/roles/" + name + "2: another file is this role's, too: its name ends after 63 bytes"
    );
}

TEST(userlist_secret_files, hold_one_line) {
    const auto failure = support::configuration_failure([] {
        std::ignore = read_secret_files({{"ann", "one\ntwo\n"}}, "/roles");
    });
    EXPECT_EQ(failure, "/roles/ann: the file is to hold one line, the role's secret");
}

/// The layout in which the kubelet mounts a Secret.
TEST(userlist_secret_directory, is_read_as_kubernetes_mounts_it) {
    const support::temporary_folder folder;
    const std::filesystem::path mounted(folder.path());
    std::filesystem::create_directory(mounted / "..2026_11_22");
    std::ofstream(mounted / "..2026_11_22" / "ann") << verifier;
    std::filesystem::create_directory_symlink("..2026_11_22", mounted / "..data");
    std::filesystem::create_symlink("..data/ann", mounted / "ann");
    EXPECT_EQ(shown(load_secret_directory(mounted)), "ann=verifier");
}

TEST(userlist_secret_directory, that_is_missing_is_named) {
    EXPECT_EQ(
        support::configuration_failure([] { std::ignore = load_secret_directory("/nowhere"); }),
        "/nowhere: No such file or directory"
    );
    EXPECT_EQ(
        support::configuration_failure([] { std::ignore = load_userlist("/nowhere.txt"); }),
        "/nowhere.txt: No such file or directory"
    );
}

TEST(userlist_secret_directory, has_no_file_that_is_too_long) {
    const support::temporary_folder folder;
    const std::filesystem::path mounted(folder.path());
    std::ofstream(mounted / "ann") << std::string(70'000, 'x');
    EXPECT_EQ(
        support::configuration_failure([&] { std::ignore = load_secret_directory(mounted); }),
        (mounted / "ann").string() + ": longer than 65533 bytes: not a file of secrets"
    );
}

TEST(userlist, is_read_from_its_file) {
    const support::temporary_file file("\"ann\" \"pencil\"\n");
    EXPECT_EQ(shown(load_userlist(file.path())), "ann=password:pencil");
}

} // namespace

} // namespace wakegate::auth
