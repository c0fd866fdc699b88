#include "proxy/session/login_guard.hpp"

#include <boost/asio/ip/address.hpp>

#include <gtest/gtest.h>

#include <string>

namespace wakegate::proxy {
namespace {

const auto here = boost::asio::ip::make_address("192.0.2.1");
const auto next_door = boost::asio::ip::make_address("::ffff:192.0.2.77");
const auto elsewhere = boost::asio::ip::make_address("198.51.100.1");

TEST(login_guard, slows_a_guessing_network_down_and_nobody_else) {
    login_guard guard;
    for (int i = 0; i < 20; ++i) {
        guard.failed(here, "app", "role" + std::to_string(i));
    }
    EXPECT_TRUE(guard.refused_for(here, "app", "ann"));
    EXPECT_TRUE(guard.refused_for(next_door, "app", "ann"));
    EXPECT_FALSE(guard.refused_for(elsewhere, "app", "ann"));
    guard.succeeded(next_door);
    EXPECT_FALSE(guard.refused_for(here, "app", "ann"));
}

TEST(login_guard, has_a_mock_secret_of_its_own) {
    EXPECT_NE(login_guard().mock_secret(), login_guard().mock_secret());
}

TEST(login_guard, has_the_mock_secret_of_all_that_share_one) {
    const cancel_secrets shared(std::string(32, 's'));
    const cancel_secrets other(std::string(32, 'o'));
    EXPECT_EQ(login_guard(&shared).mock_secret(), login_guard(&shared).mock_secret());
    EXPECT_NE(login_guard(&shared).mock_secret(), login_guard(&other).mock_secret());
}

} // namespace
} // namespace wakegate::proxy
