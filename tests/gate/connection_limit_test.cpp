#include "proxy/gate/connection_limit.hpp"

#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

constexpr auto ordinary = connection_kind::ordinary;
constexpr auto reserved = connection_kind::reserved;

TEST(connection_limit, has_none_as_long_as_nobody_could_ask) {
    const connection_limit bounds(std::nullopt, 5);
    EXPECT_EQ(bounds.most(ordinary), std::nullopt);
    EXPECT_EQ(bounds.most(reserved), std::nullopt);
}

TEST(connection_limit, keeps_the_headroom_and_what_is_reserved_free_of_ordinary_sessions) {
    connection_limit bounds(std::nullopt, 5);
    bounds.learn({.ordinary = 17, .reserved = 3});
    EXPECT_EQ(bounds.most(ordinary), 12U);
    EXPECT_EQ(bounds.most(reserved), 20U);
}

TEST(connection_limit, leaves_one_however_small_the_server_is) {
    connection_limit bounds(std::nullopt, 5);
    bounds.learn({.ordinary = 0, .reserved = 0});
    EXPECT_EQ(bounds.most(ordinary), 1U);
    EXPECT_EQ(bounds.most(reserved), 1U);
}

TEST(connection_limit, follows_a_server_that_was_given_other_settings) {
    connection_limit bounds(std::nullopt, 0);
    bounds.learn({.ordinary = 97, .reserved = 3});
    bounds.learn({.ordinary = 10, .reserved = 1});
    EXPECT_EQ(bounds.most(ordinary), 10U);
    EXPECT_EQ(bounds.most(reserved), 11U);
}

TEST(connection_limit, holds_everybody_to_the_configured_number) {
    connection_limit bounds(3, 5);
    bounds.learn({.ordinary = 97, .reserved = 3});
    EXPECT_EQ(bounds.most(ordinary), 3U);
    EXPECT_EQ(bounds.most(reserved), 3U);
}

} // namespace
} // namespace wakegate::proxy
