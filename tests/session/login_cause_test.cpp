#include "proxy/session/login_cause.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace wakegate::proxy {
namespace {

struct refused_login {
    std::string_view sqlstate;
    role_standing role;
    std::string_view cause;
};

TEST(login_cause, of_a_refusal_follows_from_what_was_known_of_the_role) {
    const std::vector<refused_login> table{
        {"28P01", {.is_known = true}, "wrong_password"},
        {"28P01", {.is_known = true, .has_expired = true}, "expired"},
        {"28P01", {}, "unknown_role"},
        {"28P01", {.lacks_verifier = true}, "no_verifier"},
        {"28P01", {.is_known = true, .lacks_verifier = true}, "wrong_password"},
        {"28P01", {.nobody_is_known = true}, "no_roles_known"},
        {"28000", {.is_known = true}, "channel_binding"},
        {"57014", {}, "timeout"},
        {"08P01", {.nobody_is_known = true}, "protocol"},
        {"0A000", {.is_known = true}, "protocol"},
    };
    for (const auto& [sqlstate, role, cause] : table) {
        EXPECT_EQ(to_string(cause_of_refusal(sqlstate, role)), cause) << sqlstate;
    }
}

TEST(login_cause, of_the_servers_refusal_is_told_only_when_it_is_about_the_client) {
    EXPECT_EQ(server_refusal_cause("28P01"), "old_verifier");
    EXPECT_EQ(server_refusal_cause("28000"), "server_login");
    EXPECT_EQ(server_refusal_cause("57P03"), "");
    EXPECT_EQ(server_refusal_cause("08006"), "");
}

} // namespace
} // namespace wakegate::proxy
