#include "proxy/session/waiting_notice.hpp"
#include "proxy/wire/messages.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wakegate::proxy {
namespace {

TEST(waiting_notice, names_the_cause_and_of_a_wake_how_long_it_takes) {
    const std::vector<std::pair<hold_cause, std::string>> table = {
        {hold_cause::waking, "waiting for cluster \"app\" to wake up"},
        {hold_cause::turned_away, "waiting for cluster \"app\" to open sessions"},
        {hold_cause::unconfirmed, "waiting until the gate finds cluster \"app\" ready"},
        {hold_cause::full, "waiting for a free connection to cluster \"app\""},
        {hold_cause::logins, "waiting for earlier logins to cluster \"app\""},
    };
    for (const auto& [cause, message] : table) {
        const bool is_wake = cause == hold_cause::waking;
        const auto hint = std::string(is_wake ? "That usually takes 2 s." : "");
        const auto with_hint = wire::notice_response({.message = message, .hint = hint});
        EXPECT_EQ(waiting_notice(cause, "app", milliseconds(1'500)), with_hint);
        const auto without = wire::notice_response({.message = message});
        EXPECT_EQ(waiting_notice(cause, "app", std::nullopt), without);
    }
}

TEST(waiting_notice, of_a_wake_that_nobody_is_about_to_begin_says_so) {
    const std::vector<std::pair<hold_cause, std::string>> table = {
        {hold_cause::no_scaler,
         "No scaler is connected to the gate, so nobody hears that the cluster is wanted."},
        {hold_cause::no_scaled_object,
         "No ScaledObject asks the scaler about the cluster, so nobody starts it."},
    };
    const auto message = std::string("waiting for cluster \"app\" to wake up");
    for (const auto& [cause, hint] : table) {
        const auto expected = wire::notice_response({.message = message, .hint = hint});
        EXPECT_EQ(waiting_notice(cause, "app", milliseconds(1'500)), expected);
    }
}

} // namespace
} // namespace wakegate::proxy
