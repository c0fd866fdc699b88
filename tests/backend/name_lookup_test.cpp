#include "proxy/backend/name_lookup.hpp"
#include "tests/support/loopback.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

using support::tcp;

std::vector<tcp::endpoint> found(const host_port& address) {
    support::asio::io_context context(1);
    return support::run(context, look_up(address));
}

TEST(look_up, answers_literal_addresses_as_they_are) {
    for (const std::string host : {"127.0.0.1", "192.0.2.7", "::1", "2001:db8::7"}) {
        const tcp::endpoint itself(support::asio::ip::make_address(host), 5432);
        EXPECT_EQ(found({host, 5432}), std::vector{itself}) << host;
    }
}

TEST(look_up, finds_the_addresses_of_a_name_with_the_port_that_was_asked_for) {
    const auto endpoints = found({"localhost", 5432});
    ASSERT_FALSE(endpoints.empty());
    for (const auto& endpoint : endpoints) {
        EXPECT_TRUE(endpoint.address().is_loopback()) << endpoint;
        EXPECT_EQ(endpoint.port(), 5432);
    }
}

TEST(look_up, finds_nothing_for_a_name_that_nobody_has) {
    EXPECT_TRUE(found({"no-such-name.invalid", 5432}).empty()); // RFC 6761, 6.4
    EXPECT_TRUE(found({"two words", 5432}).empty());
}

} // namespace
} // namespace wakegate::proxy
