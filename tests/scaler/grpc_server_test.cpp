#include "common/configuration_error.hpp"
#include "tests/scaler/served_scaler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace wakegate::scaler {
namespace {

using namespace testing;
using ::testing::HasSubstr;

constexpr aggregate_settings one_stated_proxy{.expected_proxies = 1, .expected_is_stated = true};

TEST(grpc_server_shutdown, ends_every_stream_with_ok) {
    served_scaler scaler(one_stated_proxy);
    activation_listener quiet_one(scaler, scaled_object({{"cluster", "app"}}));
    activation_listener told_one(scaler, scaled_object({{"cluster", "app"}}));
    reporter proxy(scaler);
    proxy.send(demand(1, true, 1));
    EXPECT_TRUE(told_one.hears_true());
    EXPECT_TRUE(scaler.server.is_serving());

    scaler.server.drain(seconds(20));
    EXPECT_FALSE(scaler.server.is_serving());
    EXPECT_TRUE(quiet_one.hears_true()) << "a message that was sent before the end still arrives";
    EXPECT_TRUE(quiet_one.status().ok());
    EXPECT_TRUE(told_one.status().ok());
    EXPECT_TRUE(proxy.status().ok());
    EXPECT_EQ(scaler.board.status(clock::now()).clusters.front().streams, 0U);
}

TEST(grpc_server_shutdown, may_come_twice) {
    served_scaler scaler(one_stated_proxy);
    scaler.server.drain(milliseconds(0));
    scaler.server.drain(milliseconds(0));
}

TEST(grpc_server_startup, names_an_address_that_is_taken) {
    served_scaler first(one_stated_proxy);
    const auto port = first.server.port();
    try {
        const grpc_server second(
            {.host = "127.0.0.1", .port = port}, first.board, first.log, seconds(60)
        );
        FAIL() << "two servers share port " << port;
    } catch (const configuration_error& failure) {
        EXPECT_THAT(failure.what(), HasSubstr("127.0.0.1:" + std::to_string(port)));
        EXPECT_THAT(failure.what(), HasSubstr("listen"));
    }
}

} // namespace
} // namespace wakegate::scaler
