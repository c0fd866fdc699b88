#include "proxy/backend/open_session.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/scripted_timeout_policy.hpp"

#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

using namespace support;

const auto startup_bytes = support::startup({{"user", "ann"}, {"database", "app"}});
const std::string no_header;
const auto sasl = authentication(10, text("SCRAM-SHA-256") + '\0');
const auto trusted_login = authentication_ok() + parameter_status("server_version", "15.0") +
                           backend_key_data("pid!secr") + ready_for_query('I');

struct open_session_test : testing::Test {
    connect_result<backend_session> session_at(const host_port& backend) {
        scripted_timeout_policy none;
        return session_at(backend, none);
    }

    connect_result<backend_session>
    session_at(const host_port& backend, login_timeout_policy& policy) {
        endpoint.backend = backend;
        return run(
            context, open_session(endpoint, no_header, passthrough_login{startup_bytes}, policy)
        );
    }

    asio::io_context context{1};
    /// Long timeouts, except in the tests of timeouts.
    backend_endpoint endpoint{
        .connect_timeout = seconds(60),
        .login_timeout = seconds(60),
    };
};

/// The error's text for the log; empty: there is a session.
std::string reason_of(const connect_result<backend_session>& result) {
    return result ? std::string() : to_string(result.error());
}

struct answer_case {
    const char* name;
    server_script script;
    std::string reason; ///< empty: answered
};

class open_session_answers : public open_session_test,
                             public testing::WithParamInterface<answer_case> {};

TEST_P(open_session_answers, are_passed_on_whole_or_cost_the_client_nothing) {
    const scripted_server server(context, GetParam().script);
    auto result = session_at(server.address());
    EXPECT_EQ(reason_of(result), GetParam().reason);
    if (!result) {
        EXPECT_TRUE(result.error().retryable());
        return;
    }
    const auto& answer = GetParam().script.answer;
    const auto rest = answer.size() - std::min(answer.size(), result->received.size());
    const auto unread = run(context, receive(result->server.socket(), rest));
    EXPECT_EQ(result->received + unread, answer);
}

INSTANTIATE_TEST_SUITE_P(
    open_session,
    open_session_answers,
    testing::ValuesIn(std::vector<answer_case>{
        {"asks_for_a_password", {.answer = authentication(3)}, ""},
        {"asks_for_scram", {.answer = sasl}, ""},
        {"asks_byte_by_byte", {.answer = sasl, .byte_by_byte = true}, ""},
        {"trusts", {.answer = trusted_login}, ""},
        {"trusts_byte_by_byte", {.answer = trusted_login, .byte_by_byte = true}, ""},
        {"refuses_for_good", {.answer = error("FATAL", "3D000"), .then = manners::leaves}, ""},
        {"has_no_room", {.answer = error("FATAL", "53300"), .then = manners::leaves}, ""},
        {"starts_up",
         {.answer = error("FATAL", "57P03"), .then = manners::leaves},
         "the server is starting up or shutting down"},
        {"shuts_down",
         {.answer = error("FATAL", "57P01"), .then = manners::leaves},
         "the server is starting up or shutting down"},
        {"shuts_down_in_its_own_greeting",
         {.answer = authentication_ok() + error("FATAL", "57P01"), .byte_by_byte = true},
         "the server is starting up or shutting down"},
        {"leaves_at_once", {.then = manners::leaves}, "connection lost: End of file"},
        {"leaves_in_the_middle",
         {.answer = authentication_ok(), .then = manners::leaves},
         "connection lost: End of file"},
        {"is_no_postgres",
         {.answer = "HTTP/1.1 400 Bad Request\r\n\r\n"},
         "the answer is not the Postgres protocol"},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST_F(open_session_test, sends_the_startup_message_as_the_client_wrote_it) {
    const scripted_server server(context, {.answer = sasl});
    EXPECT_TRUE(session_at(server.address()));
    EXPECT_EQ(server.startups(), std::vector<std::string>{startup_bytes});
}

TEST_F(open_session_test, hands_over_a_connection_on_which_the_session_can_go_on) {
    const scripted_server server(context, {.answer = sasl});
    const auto result = session_at(server.address());
    EXPECT_TRUE(result->server.socket().is_open());
    EXPECT_EQ(result->server.socket().remote_endpoint().port(), server.address().port);
}

TEST_F(open_session_test, is_not_answered_by_a_server_that_hangs_up_at_the_accept) {
    const scripted_server server(context, {.then = manners::leaves_mute});
    const auto result = session_at(server.address());
    EXPECT_FALSE(result);
    EXPECT_EQ(result.error().code, connect_errc::connection_lost);
}

TEST_F(open_session_test, gives_up_on_a_server_that_is_silent) {
    const scripted_server server(context, {});
    endpoint.login_timeout = milliseconds(20);
    EXPECT_EQ(reason_of(session_at(server.address())), "no answer to the startup message");
}

TEST_F(open_session_test, gives_up_on_a_server_that_falls_silent_in_its_greeting) {
    const scripted_server server(context, {.answer = authentication_ok()});
    endpoint.login_timeout = milliseconds(20);
    const auto result = session_at(server.address());
    EXPECT_EQ(reason_of(result), "no answer to the startup message");
}

TEST_F(open_session_test, waits_on_for_a_slow_server_that_is_there) {
    scripted_server server(context, {.answer = authentication_ok()});
    endpoint.login_timeout = milliseconds(1);
    int silences = 0;
    scripted_timeout_policy policy([&](auto&) {
        if (++silences == 3) {
            server.say_to_all(ready_for_query('I'));
        }
        return true;
    });
    const auto result = session_at(server.address(), policy);
    EXPECT_EQ(reason_of(result), "");
    EXPECT_EQ(result->received, authentication_ok() + ready_for_query('I'));
    EXPECT_EQ(server.startups().size(), 1U) << "the same login, not another one";
}

TEST_F(open_session_test, gives_up_on_a_slow_server_that_has_gone) {
    const scripted_server server(context, {});
    endpoint.login_timeout = milliseconds(1);
    scripted_timeout_policy policy([&](auto&) { return policy.queries() < 3; });
    const auto result = session_at(server.address(), policy);
    EXPECT_EQ(reason_of(result), "no answer to the startup message");
    EXPECT_EQ(policy.queries(), 3);
}

TEST_F(open_session_test, gives_up_on_a_slow_server_when_the_clients_time_is_over) {
    const scripted_server server(context, {});
    scripted_timeout_policy policy([](auto&) { return true; });
    policy.end_at(clock::now());
    const auto result = session_at(server.address(), policy);
    EXPECT_EQ(reason_of(result), "no answer to the startup message");
    EXPECT_EQ(policy.queries(), 1) << "what is told depends on whether it is there";
}

TEST_F(open_session_test, ends_when_somebody_cancels_it) {
    const scripted_server server(context, {});
    endpoint.login_timeout = milliseconds(1);
    scripted_timeout_policy policy([&](async_socket& backend_session) {
        asio::post(context, [&backend_session] { backend_session.socket().cancel(); });
        return policy.queries() < 2;
    });
    EXPECT_FALSE(session_at(server.address(), policy));
}

TEST_F(open_session_test, says_why_nobody_is_there) {
    const auto result = session_at(deserted_address(context));
    EXPECT_FALSE(result);
    EXPECT_EQ(reason_of(result), "Connection refused");
}

TEST_F(open_session_test, gives_up_on_a_server_that_takes_no_connection) {
    // With a full accept queue no SYN is answered, like by a host that is gone.
    tcp::acceptor busy(context);
    busy.open(tcp::v4());
    busy.bind(tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    busy.listen(0);
    tcp::socket first(context);
    first.connect(busy.local_endpoint());
    endpoint.connect_timeout = milliseconds(20);
    const auto result = session_at({"127.0.0.1", busy.local_endpoint().port()});
    EXPECT_EQ(reason_of(result), "connect timed out");
}

TEST_F(open_session_test, tries_each_address_of_a_name) {
    const scripted_server server(context, {.answer = sasl}); // on IPv4 alone
    EXPECT_TRUE(session_at({"localhost", server.address().port}));
}

TEST_F(open_session_test, says_that_a_name_has_no_address) {
    EXPECT_EQ(
        reason_of(session_at({"no-such-name.invalid", 5432})),
        "'no-such-name.invalid' has no address; check the name and DNS"
    );
}

} // namespace
} // namespace wakegate::proxy
