#include "proxy/session/read_proxy_header.hpp"
#include "proxy/wire/proxy_header.hpp"
#include "tests/session/handshake_outcome.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/message_bytes.hpp"

#include <boost/asio/detached.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wakegate::proxy {
namespace {

using namespace support;
using namespace std::string_literals;
using mode = proxy_protocol_mode;
using ::testing::HasSubstr;

const auto startup_bytes = support::startup({{"user", "ann"}, {"database", "app"}});
const auto header = wire::proxy_header_for({
    .source = {wire::ipv4_bytes{203, 0, 113, 9}, 40'000},
    .destination = {wire::ipv4_bytes{10, 0, 0, 1}, 5432},
});
const auto header_v6 = wire::proxy_header_for({
    .source = {wire::ipv6_bytes{0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}, 40'000},
    .destination = {wire::ipv6_bytes{}, 5432},
});
const auto signature = "\r\n\r\n\0\r\nQUIT\n"s;
const auto unknown_header = signature + "\x21\0\0\0"s;

/// A sender on the loopback, which is trusted unless a test changes that.
struct read_proxy_header_test : testing::Test {
    asio::awaitable<void> talk(std::string bytes, bool byte_by_byte) {
        if (byte_by_byte) {
            co_await send_byte_by_byte(pair.far, bytes);
        } else {
            co_await send_all(pair.far, bytes);
        }
    }

    asio::awaitable<handshake_outcome> learn_and_greet() {
        const auto header_read = co_await read_proxy_header(*near, proxied, rules.startup_timeout);
        if (!header_read) {
            co_return header_read.error();
        }
        auto greeted = co_await handshake(*near, rules);
        co_return greeted;
    }

    handshake_outcome greeted(const std::string& bytes, bool byte_by_byte = false) {
        asio::co_spawn(context, talk(bytes, byte_by_byte), asio::detached);
        near.emplace(std::move(pair.near));
        return run(context, learn_and_greet());
    }

    void trust(const std::string& network) { proxied.trusted = {*cidr::parse(network)}; }

    [[nodiscard]] std::string own_peer() const {
        return "127.0.0.1:" + std::to_string(pair.far.local_endpoint().port());
    }

    asio::io_context context{1};
    connected_pair pair{context};
    std::optional<client_socket> near;
    proxy_protocol_policy proxied{proxy_protocol_mode::required, {*cidr::parse("127.0.0.0/8")}};
    handshake_settings rules{.startup_timeout = seconds(60)};
};

TEST_F(read_proxy_header_test, gives_the_client_its_address) {
    const auto message = as<wire::startup_message>(greeted(header + startup_bytes));
    EXPECT_EQ(message.raw, startup_bytes);
    EXPECT_EQ(near->peer(), "203.0.113.9:40000");
    EXPECT_EQ(near->host(), "203.0.113.9");
    EXPECT_EQ(near->source(), asio::ip::make_address("203.0.113.9"));
    EXPECT_EQ(near->addresses().gate, tcp::endpoint(asio::ip::make_address("10.0.0.1"), 5432));
}

TEST_F(read_proxy_header_test, may_take_its_time_between_two_bytes) {
    const auto message = as<wire::startup_message>(greeted(header_v6 + startup_bytes, true));
    EXPECT_EQ(message.raw, startup_bytes);
    EXPECT_EQ(near->peer(), "[2001:db8::7]:40000");
}

TEST_F(read_proxy_header_test, loses_no_byte_behind_its_header) {
    const auto result = run(context, [&]() -> asio::awaitable<bool> {
        near.emplace(std::move(pair.near));
        co_await send_all(pair.far, header + "next");
        const auto read = co_await read_proxy_header(*near, proxied, seconds(60));
        co_return read.has_value();
    }());
    EXPECT_TRUE(result);
    EXPECT_EQ(run(context, receive(near->socket(), 4)), "next");
}

TEST_F(read_proxy_header_test, speaks_for_itself_with_local) {
    as<wire::startup_message>(greeted(wire::local_proxy_header() + startup_bytes));
    EXPECT_EQ(near->peer(), own_peer());
}

TEST_F(read_proxy_header_test, may_not_know_the_clients_address) {
    as<wire::startup_message>(greeted(unknown_header + startup_bytes));
    EXPECT_EQ(near->peer(), "unknown");
    EXPECT_EQ(near->host(), "unknown");
    EXPECT_TRUE(near->source().is_unspecified()) << "nor is it the sender's own";
}

TEST_F(read_proxy_header_test, must_be_trusted) {
    trust("10.0.0.0/8");
    for (const auto how : {mode::optional, mode::required}) {
        proxied.mode = how;
        pair = connected_pair(context);
        const auto refused =
            error_of(greeted(header + startup_bytes), handshake_errc::proxy_header_rejected);
        EXPECT_THAT(refused.reason, HasSubstr("proxy_protocol.trusted"));
        EXPECT_EQ(near->peer(), own_peer());
    }
}

TEST_F(read_proxy_header_test, that_is_not_trusted_is_a_client_where_no_header_is_required) {
    trust("10.0.0.0/8");
    proxied.mode = mode::optional;
    EXPECT_EQ(as<wire::startup_message>(greeted(startup_bytes)).raw, startup_bytes);
    EXPECT_EQ(near->peer(), own_peer());
}

TEST_F(read_proxy_header_test, that_is_not_trusted_is_sent_away_where_a_header_is_required) {
    trust("10.0.0.0/8");
    error_of(greeted(startup_bytes), handshake_errc::proxy_header_rejected);
}

TEST_F(read_proxy_header_test, must_send_a_header_where_it_is_required) {
    const auto refused = error_of(greeted(startup_bytes), handshake_errc::proxy_header_rejected);
    EXPECT_EQ(
        refused.reason, "no header of PROXY protocol version 2, which this listener requires"
    );
}

TEST_F(read_proxy_header_test, must_send_one_that_can_be_read) {
    for (const auto& bytes :
         {"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n"s, signature + "\x31\x11\0\0"s}) {
        for (const auto how : {mode::optional, mode::required}) {
            proxied.mode = how;
            pair = connected_pair(context);
            EXPECT_THAT(
                error_of(greeted(bytes), handshake_errc::proxy_header_rejected).reason,
                HasSubstr("version")
            );
        }
    }
}

TEST_F(read_proxy_header_test, may_connect_and_leave_without_a_word) {
    trust("10.0.0.0/8");
    pair.far.close();
    error_of(greeted(""), handshake_errc::client_disconnected);
}

TEST_F(read_proxy_header_test, may_leave_behind_its_header_and_in_the_middle_of_it) {
    for (const auto& bytes : {wire::local_proxy_header(), header.substr(0, 20)}) {
        pair = connected_pair(context);
        asio::write(pair.far, asio::buffer(bytes));
        pair.far.close();
        error_of(greeted(""), handshake_errc::client_disconnected);
    }
}

TEST_F(read_proxy_header_test, is_not_waited_for_longer_than_a_client) {
    rules.startup_timeout = milliseconds(20);
    for (const auto& bytes : {""s, header.substr(0, 20), header}) {
        pair = connected_pair(context);
        error_of(greeted(bytes), handshake_errc::startup_timeout);
    }
}

TEST_F(read_proxy_header_test, has_nothing_to_say_where_headers_are_off) {
    proxied.mode = mode::off;
    EXPECT_NE(
        error_of(greeted(header + startup_bytes), handshake_errc::malformed_startup).reason, ""
    );
}

} // namespace
} // namespace wakegate::proxy
