#include "proxy/backend/open_session.hpp"
#include "proxy/tls/backend_tls.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/scripted_timeout_policy.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

using namespace support;

const auto startup_bytes = support::startup({{"user", "ann"}, {"database", "app"}});
const std::string no_header;
const auto sasl = authentication(10, text("SCRAM-SHA-256") + '\0');

struct open_session_tls_test : testing::Test {
    connect_result<backend_session> session_at(const host_port& backend, tls::backend_mode how) {
        endpoint.backend = backend;
        const tls::backend_settings from{.mode = how};
        endpoint.tls = std::make_shared<tls::backend_tls>("app", from);
        scripted_timeout_policy policy;
        return run(
            context, open_session(endpoint, no_header, passthrough_login{startup_bytes}, policy)
        );
    }

    asio::io_context context{1};
    backend_endpoint endpoint{
        .cluster = "app",
        .connect_timeout = seconds(60),
        .login_timeout = seconds(60),
    };
};

struct tls_case {
    const char* name;
    std::string answer; ///< to the SSLRequest
    manners then;
    std::string reason;
    bool retryable;
};

class open_session_tls_answers : public open_session_tls_test,
                                 public testing::WithParamInterface<tls_case> {};

TEST_P(open_session_tls_answers, are_waited_out_or_refused_but_never_overlooked) {
    const auto& tested = GetParam();
    const server_script script{.answer = sasl, .then = tested.then, .tls_answer = tested.answer};
    const scripted_server server(context, script);
    const auto result = session_at(server.address(), tls::backend_mode::require);
    ASSERT_FALSE(result);
    EXPECT_EQ(to_string(result.error()), tested.reason);
    EXPECT_EQ(result.error().retryable(), tested.retryable);
    EXPECT_EQ(server.startups(), std::vector<std::string>()) << "nothing goes in the clear";
}

INSTANTIATE_TEST_SUITE_P(
    open_session_tls,
    open_session_tls_answers,
    testing::ValuesIn(std::vector<tls_case>{
        {"leaves_before_the_answer", "", manners::leaves, "connection lost: End of file", true},
        {"leaves_after_it",
         "S",
         manners::leaves,
         "connection lost in the TLS handshake: End of file",
         true},
        {"says_more_than_yes",
         "S" + error("FATAL", "57P03"),
         manners::stays,
         "received unencrypted data after the answer to SSLRequest",
         false},
        {"says_more_than_no",
         "N" + sasl,
         manners::stays,
         "received unencrypted data after the answer to SSLRequest",
         false},
        {"is_sick",
         "Ecould not fork new process",
         manners::leaves,
         "the server answers the request for TLS with an error",
         true},
        {"is_no_postgres",
         "HTTP/1.1 400 Bad Request\r\n\r\n",
         manners::leaves,
         "the answer is not the Postgres protocol",
         true},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST_F(open_session_tls_test, is_refused_by_servers_without_tls_unless_it_is_only_preferred) {
    const scripted_server server(context, {.answer = sasl});
    const auto required = session_at(server.address(), tls::backend_mode::require);
    EXPECT_EQ(required.error().code, connect_errc::tls_not_offered);
    EXPECT_FALSE(required.error().retryable());
    const auto preferred = session_at(server.address(), tls::backend_mode::prefer);
    ASSERT_TRUE(preferred);
    EXPECT_EQ(preferred->received, sasl);
}

TEST_F(open_session_tls_test, has_a_deadline) {
    endpoint.login_timeout = seconds(1);
    const scripted_server mute(context, {.tls_answer = ""});
    const auto unanswered = session_at(mute.address(), tls::backend_mode::require);
    EXPECT_EQ(unanswered.error().code, connect_errc::tls_request_timeout);
    const scripted_server slow(context, {.tls_answer = "S"});
    const auto result = session_at(slow.address(), tls::backend_mode::require);
    EXPECT_EQ(result.error().code, connect_errc::tls_handshake_timeout);
    EXPECT_TRUE(result.error().retryable());
}

} // namespace
} // namespace wakegate::proxy
