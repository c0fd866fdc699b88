#include "proxy/session/handshake.hpp"
#include "tests/session/handshake_outcome.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/message_bytes.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace wakegate::proxy {
namespace {

using namespace support;
using namespace std::string_literals;

const auto startup_bytes = support::startup({{"user", "ann"}, {"database", "app"}});

/// Bytes that a client sends; then it waits for an 'N' if `then_hears_no`.
struct step {
    std::string bytes;
    bool then_hears_no = false;
};

struct handshake_test : testing::Test {
    asio::awaitable<void> talk(std::vector<step> steps, bool byte_by_byte) {
        for (const auto& each : steps) {
            if (byte_by_byte) {
                co_await send_byte_by_byte(client(), each.bytes);
            } else {
                co_await send_all(client(), each.bytes);
            }
            if (each.then_hears_no) {
                output += co_await receive(client(), 1);
            }
        }
    }

    handshake_outcome greeted(std::vector<step> steps, bool byte_by_byte = false) {
        bool all_said = false;
        asio::co_spawn(
            context,
            talk(std::move(steps), byte_by_byte),
            [&all_said](const std::exception_ptr&) { all_said = true; }
        );
        near.emplace(std::move(pair.near));
        auto result = run(context, handshake(*near, rules));
        context.restart(); // the client may still have to read the last answer
        while (!all_said && context.run_one_for(seconds(60)) > 0) {
        }
        return result;
    }

    tcp::socket& client() { return pair.far; }

    asio::io_context context{1};
    connected_pair pair{context};
    std::optional<client_socket> near;
    handshake_settings rules{.startup_timeout = seconds(60), .tls_timeout = seconds(60)};
    std::string output;
};

TEST_F(handshake_test, takes_a_startup_message_as_it_is) {
    const auto startup = as<wire::startup_message>(greeted({{startup_bytes}}));
    EXPECT_EQ(startup.raw, startup_bytes);
    EXPECT_EQ(startup.database(), "app");
}

TEST_F(handshake_test, declines_tls_and_goes_on_in_the_clear_byte_by_byte) {
    const auto startup =
        as<wire::startup_message>(greeted({{ssl_request(), true}, {startup_bytes}}, true));
    EXPECT_EQ(startup.raw, startup_bytes);
    EXPECT_EQ(output, "N");
}

TEST_F(handshake_test, declines_gssapi_and_then_tls) {
    const auto startup = as<wire::startup_message>(
        greeted({{gss_request(), true}, {ssl_request(), true}, {startup_bytes}})
    );
    EXPECT_EQ(startup.raw, startup_bytes);
    EXPECT_EQ(output, "NN");
}

TEST_F(handshake_test, leaves_what_follows_the_startup_message_unread) {
    const std::string eager = "what the client says next";
    as<wire::startup_message>(greeted({{startup_bytes + eager}}));
    const auto next = run(context, receive(near->socket(), eager.size()));
    EXPECT_EQ(next, eager);
}

TEST_F(handshake_test, takes_a_startup_message_that_did_not_wait_for_the_answer_about_tls) {
    const auto startup =
        as<wire::startup_message>(greeted({{ssl_request() + startup_bytes, true}}));
    EXPECT_EQ(startup.raw, startup_bytes);
    EXPECT_EQ(output, "N");
}

TEST_F(handshake_test, takes_a_cancel_request) {
    const auto key = "pid!secretsecret"s;
    EXPECT_EQ(as<wire::cancel_request>(greeted({{support::cancel_request(key)}})).key, key);
}

TEST_F(handshake_test, takes_a_cancel_request_after_a_request_for_tls) {
    const auto key = "pid!secr"s;
    const auto outcome = greeted({{ssl_request(), true}, {support::cancel_request(key)}});
    EXPECT_EQ(as<wire::cancel_request>(outcome).key, key);
}

TEST_F(handshake_test, refuses_a_second_request_for_the_same_encryption) {
    const auto refused =
        client_error_of(greeted({{ssl_request(), true}, {gss_request(), true}, {ssl_request()}}));
    EXPECT_EQ(refused.sqlstate, "0A000");
    EXPECT_EQ(
        refused.message, "unsupported frontend protocol 1234.5679: server supports 3.0 to 3.2"
    );
}

TEST_F(handshake_test, refuses_in_the_servers_words) {
    const std::pair<std::string, std::string_view> wrong[] = {
        {support::startup({{"user", "ann"}}, 0x0004'0000), "0A000"},
        {support::startup({{"database", "app"}}), "28000"},
        {startup_bytes.substr(0, 3) + "\x0c\0\3\0\0user"s, "08P01"},
    };
    for (const auto& [bytes, sqlstate] : wrong) {
        pair = connected_pair(context);
        EXPECT_EQ(client_error_of(greeted({{bytes}})).sqlstate, sqlstate);
    }
}

TEST_F(handshake_test, has_no_answer_to_what_is_not_the_protocol) {
    const auto terminate = "X\0\0\0\4"s;
    for (const auto& bytes : {terminate, "GET / HTTP/1.1\r\n\r\n"s, int32(3) + "abc"}) {
        pair = connected_pair(context);
        EXPECT_NE(error_of(greeted({{bytes}}), handshake_errc::malformed_startup).reason, "");
    }
}

TEST_F(handshake_test, says_nothing_of_a_client_that_left_before_it_spoke) {
    client().close();
    error_of(greeted({}), handshake_errc::client_disconnected);
}

TEST_F(handshake_test, says_nothing_of_a_client_that_left_in_the_middle_of_its_message) {
    asio::write(client(), asio::buffer(startup_bytes.substr(0, 11)));
    client().close();
    error_of(greeted({}), handshake_errc::client_disconnected);
}

struct slow_client {
    const char* name;
    std::vector<step> steps;
};

class handshake_timeout_test : public handshake_test,
                               public testing::WithParamInterface<slow_client> {};

TEST_P(handshake_timeout_test, are_refused_when_their_time_is_up) {
    rules.startup_timeout = milliseconds(20);
    error_of(greeted(GetParam().steps), handshake_errc::startup_timeout);
}

INSTANTIATE_TEST_SUITE_P(
    handshake,
    handshake_timeout_test,
    testing::ValuesIn(std::vector<slow_client>{
        {"silent", {}},
        {"in_the_middle_of_the_length", {{"\0\0"s}}},
        {"in_the_middle_of_the_message", {{startup_bytes.substr(0, startup_bytes.size() - 1)}}},
        {"behind_a_request_for_tls", {{ssl_request(), true}}},
        {"behind_half_a_startup_after_tls", {{ssl_request(), true}, {startup_bytes.substr(0, 9)}}},
    }),
    [](const auto& tested) { return tested.param.name; }
);

} // namespace
} // namespace wakegate::proxy
