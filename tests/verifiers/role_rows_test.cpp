#include "proxy/verifiers/role_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;
using testing::HasSubstr;

constexpr sys_seconds now{seconds(1'700'000'000)};

const auto verifier = auth::scram_verifier::derive("secret", "sixteen bytes it", 4'096);

auto read(const std::vector<role_row>& rows) {
    return read_role_rows("app", rows, now);
}

TEST(role_rows, become_verifiers_of_their_cluster) {
    const auto read_rows = read({
        {"ann", verifier.text()},
        {"ben", verifier.text(), "1800000000"},
        {"expired before 1970", verifier.text(), "-1"},
        {"for as long as it matters", verifier.text(), "9223372036854775807"},
        {"old", "md5" + std::string(32, 'a')},
        {"without", ""},
    });
    ASSERT_TRUE(read_rows.has_value());
    const auto& found = *read_rows;
    const std::vector<auth::cached_verifier> expected{
        {"app", "ann", verifier, {}, now},
        {"app", "ben", verifier, sys_seconds(seconds(1'800'000'000)), now},
        {"app", "expired before 1970", verifier, sys_seconds(), now},
        {"app", "for as long as it matters", verifier, {}, now},
    };
    EXPECT_EQ(found.roles, expected);
    EXPECT_THAT(found.without_verifier, testing::ElementsAre("old", "without"));
}

struct bad_rows {
    std::vector<role_row> rows;
    std::string complaint;
};

TEST(role_rows, are_believed_all_or_not_at_all) {
    const std::vector<bad_rows> table{
        {{}, "gives no role with a SCRAM-SHA-256 verifier (0 without)"},
        {{{"old", "md5"}}, "gives no role with a SCRAM-SHA-256 verifier (1 without)"},
        {{{"", verifier.text()}}, "gives role \"\" twice, or without a name"},
        {{{"ann", verifier.text()}, {"ann", verifier.text()}}, "role \"ann\" twice"},
        {{{"ann", verifier.text(), "2026-11-23"}}, "no whole number of seconds since 1970"},
        {{{"ann", verifier.text(), ""}}, "no whole number of seconds since 1970"},
        {{{"ann", verifier.text(), "1e9"}}, "no whole number of seconds since 1970"},
    };
    for (const auto& [rows, complaint] : table) {
        const auto outcome = read(rows);
        ASSERT_TRUE(outcome.has_error());
        EXPECT_THAT(outcome.error().reason, HasSubstr(complaint));
        EXPECT_THAT(outcome.error().reason, Not(HasSubstr("SCRAM-SHA-256$")));
    }
}

} // namespace
} // namespace wakegate::proxy
