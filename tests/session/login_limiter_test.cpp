#include "proxy/session/login_limiter.hpp"

#include <boost/asio/ip/address.hpp>

#include <gtest/gtest.h>

#include <string>

namespace wakegate::proxy {
namespace {

const auto source = boost::asio::ip::make_address("192.0.2.1");
const auto neighbour = boost::asio::ip::make_address("::ffff:192.0.2.77");
const auto other_source = boost::asio::ip::make_address("198.51.100.1");

TEST(login_limiter, slows_a_guessing_network_down_and_nobody_else) {
    login_limiter guard;
    for (int i = 0; i < 20; ++i) {
        guard.failed(source, "app", "role" + std::to_string(i));
    }
    EXPECT_TRUE(guard.retry_after(source, "app", "ann"));
    EXPECT_TRUE(guard.retry_after(neighbour, "app", "ann"));
    EXPECT_FALSE(guard.retry_after(other_source, "app", "ann"));
    guard.succeeded(neighbour);
    EXPECT_FALSE(guard.retry_after(source, "app", "ann"));
}

TEST(login_limiter, forgets_failures_of_a_time_when_nobody_was_known) {
    login_limiter guard;
    for (int i = 0; i < 20; ++i) {
        guard.failed_without_roles(source, "app", "ann");
    }
    EXPECT_TRUE(guard.retry_after(source, "app", "ann")) << "until then they count like others";
    EXPECT_TRUE(guard.retry_after(source, "shop", "ben")) << "or it would tell that these do not";
    guard.roles_known("shop");
    EXPECT_TRUE(guard.retry_after(source, "app", "ann"));
    guard.roles_known("app");
    EXPECT_FALSE(guard.retry_after(source, "app", "ann"));
    EXPECT_FALSE(guard.retry_after(source, "shop", "ben"));
}

TEST(login_limiter, forgets_no_guess_when_roles_are_known) {
    login_limiter guard;
    for (int i = 0; i < 20; ++i) {
        guard.failed(source, "app", "ann");
    }
    guard.roles_known("app");
    EXPECT_TRUE(guard.retry_after(source, "app", "ann"));
}

TEST(login_limiter, forgives_a_network_failures_of_both_kinds) {
    login_limiter guard;
    for (int i = 0; i < 15; ++i) {
        guard.failed_without_roles(source, "app", "role" + std::to_string(i));
    }
    EXPECT_TRUE(guard.retry_after(source, "shop", "ann"));
    guard.succeeded(source);
    EXPECT_FALSE(guard.retry_after(source, "shop", "ann"));
}

TEST(login_limiter, has_a_mock_secret_of_its_own) {
    EXPECT_NE(login_limiter().mock_secret(), login_limiter().mock_secret());
}

TEST(login_limiter, has_the_mock_secret_of_all_that_share_one) {
    const cancel_secrets shared(std::string(32, 's'));
    const cancel_secrets other(std::string(32, 'o'));
    EXPECT_EQ(login_limiter(&shared).mock_secret(), login_limiter(&shared).mock_secret());
    EXPECT_NE(login_limiter(&shared).mock_secret(), login_limiter(&other).mock_secret());
}

} // namespace
} // namespace wakegate::proxy
