#include "proxy/session/handshake.hpp"
#include "proxy/session/read_proxy_header.hpp"
#include "proxy/wire/proxy_header.hpp"
#include "tests/support/fail_every_step.hpp"
#include "tests/support/message_bytes.hpp"

#include <boost/asio/detached.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

namespace wakegate::proxy {
namespace {

using namespace support;
using errc = handshake_errc;

const auto header = wire::proxy_header_for({
    .source = {wire::ipv4_bytes{203, 0, 113, 9}, 40'000},
    .destination = {wire::ipv4_bytes{10, 0, 0, 1}, 5432},
});
const auto startup_bytes = support::startup({{"user", "ann"}, {"database", "app"}});

std::function<std::string(const std::string&)> sender_of(std::string bytes) {
    return [bytes = std::move(bytes)](const std::string&) { return bytes; };
}

/// A client behind a load balancer that requests TLS, gets 'N' and goes on without.
script<errc> client_script() {
    return {
        {.name = "proxy_header",
         .says = sender_of(header),
         .after_cut = errc::client_disconnected,
         .after_wrong_byte = errc::proxy_header_rejected,
         .after_silence = errc::startup_timeout},
        {.name = "ssl_request",
         .says = sender_of(ssl_request()),
         .then = hears::byte,
         .after_cut = errc::client_disconnected,
         .after_wrong_byte = errc::malformed_startup,
         .after_silence = errc::startup_timeout},
        {.name = "startup_message",
         .says = sender_of(startup_bytes),
         .after_cut = errc::client_disconnected,
         .after_wrong_byte = errc::malformed_startup,
         .after_silence = errc::startup_timeout},
    };
}

struct handshake_failures_test : testing::Test {
    asio::awaitable<handshake_result<client_request>> greet(client_socket& client) {
        const auto header_read = co_await read_proxy_header(client, policy, timeout);
        if (!header_read) {
            co_return header_read.error();
        }
        const handshake_settings settings{.startup_timeout = timeout};
        auto request = co_await handshake(client, settings);
        co_return request;
    }

    asio::awaitable<void> play_client(tcp::socket socket, failing_script<errc> client, bool& done) {
        co_await play(std::move(socket), std::move(client));
        done = true;
    }

    std::optional<errc> attempt(failing_script<errc> client) {
        timeout = client.kind == failure::silence ? milliseconds(200) : milliseconds(60'000);
        bool done = false;
        std::optional<errc> error;
        {
            connected_pair pair(context);
            client_socket near(std::move(pair.near));
            asio::co_spawn(
                context, play_client(std::move(pair.far), std::move(client), done), asio::detached
            );
            const auto result = run(context, greet(near));
            if (!result) {
                error = result.error().code;
            }
        }
        context.restart();
        while (!done && context.run_one_for(seconds(60)) > 0) {
        }
        EXPECT_TRUE(done) << "the connection is still open";
        return error;
    }

    asio::io_context context{1};
    milliseconds timeout{60'000};
    proxy_protocol_policy policy{proxy_protocol_mode::required, {*cidr::parse("127.0.0.0/8")}};
};

TEST_F(handshake_failures_test, end_in_their_own_errors_and_leave_nothing_open) {
    fail_every_step<errc>(client_script, [this](failing_script<errc> client) {
        return attempt(std::move(client));
    });
}

} // namespace
} // namespace wakegate::proxy
