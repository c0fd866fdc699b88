#include "proxy/gate/connection_limit.hpp"

#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

constexpr auto ordinary = connection_kind::ordinary;
constexpr auto reserved = connection_kind::reserved;

TEST(connection_limit, has_none_until_the_server_was_asked) {
    const connection_limit limit(std::nullopt, 5);
    EXPECT_EQ(limit.max(ordinary), std::nullopt);
    EXPECT_EQ(limit.max(reserved), std::nullopt);
}

TEST(connection_limit, keeps_the_headroom_and_what_is_reserved_free_of_ordinary_sessions) {
    connection_limit limit(std::nullopt, 5);
    limit.learn({.ordinary = 17, .reserved = 3});
    EXPECT_EQ(limit.max(ordinary), 12U);
    EXPECT_EQ(limit.max(reserved), 20U);
}

TEST(connection_limit, leaves_one_however_small_the_server_is) {
    connection_limit limit(std::nullopt, 5);
    limit.learn({.ordinary = 0, .reserved = 0});
    EXPECT_EQ(limit.max(ordinary), 1U);
    EXPECT_EQ(limit.max(reserved), 1U);
}

TEST(connection_limit, follows_a_server_whose_settings_change) {
    connection_limit limit(std::nullopt, 0);
    limit.learn({.ordinary = 97, .reserved = 3});
    limit.learn({.ordinary = 10, .reserved = 1});
    EXPECT_EQ(limit.max(ordinary), 10U);
    EXPECT_EQ(limit.max(reserved), 11U);
}

TEST(connection_limit, applies_the_configured_number_to_all_kinds) {
    connection_limit limit(3, 5);
    limit.learn({.ordinary = 97, .reserved = 3});
    EXPECT_EQ(limit.max(ordinary), 3U);
    EXPECT_EQ(limit.max(reserved), 3U);
}

} // namespace
} // namespace wakegate::proxy
