#include "scaler/admin_token.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace wakegate::scaler {
namespace {

using support::temporary_folder;

const std::string good = "0123456789abcdef0123456789abcdef";

struct bad_token {
    const char* name;
    std::string content;
    std::string reason;
};

class admin_token_errors : public ::testing::TestWithParam<bad_token> {};

TEST_P(admin_token_errors, are_told_without_their_content) {
    const temporary_folder folder;
    const auto path = folder.write("token", GetParam().content);
    const auto read = admin_token::read_file(path);
    ASSERT_TRUE(std::holds_alternative<token_error>(read));
    const auto& reason = std::get<token_error>(read).reason;
    EXPECT_THAT(reason, ::testing::StartsWith("'" + path + "' " + GetParam().reason));
    EXPECT_THAT(reason, ::testing::EndsWith("; `openssl rand -hex 32` makes one"));
}

INSTANTIATE_TEST_SUITE_P(
    admin_token,
    admin_token_errors,
    ::testing::Values(
        bad_token{"empty", "", "must hold a token of 32 to 4096 bytes, and holds 0"},
        bad_token{"short_line", std::string(31, 'x') + "\n", "must hold a token of 32 to 4096"},
        bad_token{
            "long_line",
            std::string(4097, 'x'),
            "must hold a token of 32 to 4096 bytes, and "
            "holds more than 4096"
        },
        bad_token{"two_lines", good + "\n" + good + "\n", "must hold one line of printable ASCII"},
        bad_token{"random_bytes", std::string(32, '\x80'), "must hold one line of printable ASCII"}
    ),
    [](const auto& instance) { return instance.param.name; }
);

TEST(admin_token, is_a_line_with_or_without_its_end) {
    const temporary_folder folder;
    for (const auto& content : {good, good + "\n", std::string(4096, 'x') + "\n"}) {
        const auto read = admin_token::read_file(folder.write("token", content));
        ASSERT_TRUE(std::holds_alternative<admin_token>(read));
        EXPECT_TRUE(std::get<admin_token>(read).matches(content.substr(0, content.find('\n'))));
        EXPECT_FALSE(std::get<admin_token>(read).matches(good + "x"));
    }
}

} // namespace
} // namespace wakegate::scaler
