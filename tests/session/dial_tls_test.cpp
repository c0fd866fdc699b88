#include "proxy/session/dial.hpp"
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
const auto sasl = authentication(10, text("SCRAM-SHA-256") + '\0');

struct securing : testing::Test {
    backend_session dialled_to(const host_port& backend, tls::backend_mode how) {
        settings.backend = backend;
        const tls::backend_settings from{.mode = how};
        settings.tls = std::make_shared<tls::backend_tls>("app", from);
        scripted_timeout_policy none;
        return run(context, dial(settings, "", startup_bytes, none));
    }

    asio::io_context context{1};
    cluster_settings settings{
        .name = "app",
        .connect_timeout = seconds(60),
        .login_timeout = seconds(60),
    };
};

struct tls_case {
    const char* name;
    std::string answer; ///< to the SSLRequest
    manners then;
    std::string reason;
    bool refused; ///< for good
};

class tls_answers : public securing, public testing::WithParamInterface<tls_case> {};

TEST_P(tls_answers, are_waited_out_or_refused_but_never_overlooked) {
    const auto& tested = GetParam();
    const server_script script{.answer = sasl, .then = tested.then, .tls_answer = tested.answer};
    const scripted_server server(context, script);
    const auto result = dialled_to(server.address(), tls::backend_mode::require);
    EXPECT_FALSE(result.answered());
    EXPECT_EQ(result.reason, tested.reason);
    EXPECT_EQ(result.refused.has_value(), tested.refused);
    EXPECT_EQ(server.startups(), std::vector<std::string>()) << "nothing goes in the clear";
}

INSTANTIATE_TEST_SUITE_P(
    dial,
    tls_answers,
    testing::ValuesIn(std::vector<tls_case>{
        {"leaves_before_the_answer", "", manners::leaves, "connection lost: End of file", false},
        {"leaves_after_it",
         "S",
         manners::leaves,
         "connection lost in the TLS handshake: End of file",
         false},
        {"says_more_than_yes",
         "S" + error("FATAL", "57P03"),
         manners::stays,
         "received unencrypted data after the answer to SSLRequest",
         true},
        {"says_more_than_no",
         "N" + sasl,
         manners::stays,
         "received unencrypted data after the answer to SSLRequest",
         true},
        {"is_sick",
         "Ecould not fork new process",
         manners::leaves,
         "the server answers the request for TLS with an error",
         false},
        {"is_no_postgres",
         "HTTP/1.1 400 Bad Request\r\n\r\n",
         manners::leaves,
         "the answer is not the Postgres protocol",
         false},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST_F(securing, is_refused_by_servers_without_tls_unless_it_is_only_preferred) {
    const scripted_server server(context, {.answer = sasl});
    const auto required = dialled_to(server.address(), tls::backend_mode::require);
    EXPECT_EQ(required.reason, "the server does not offer TLS");
    ASSERT_TRUE(required.refused.has_value());
    EXPECT_EQ(required.refused->sqlstate, "08006");
    const auto preferred = dialled_to(server.address(), tls::backend_mode::prefer);
    EXPECT_EQ(preferred.server_output, sasl);
    EXPECT_EQ(preferred.reason, "");
}

TEST_F(securing, has_a_deadline) {
    settings.login_timeout = seconds(1);
    const scripted_server mute(context, {.tls_answer = ""});
    EXPECT_EQ(
        dialled_to(mute.address(), tls::backend_mode::require).reason,
        "no answer to the request for TLS"
    );
    const scripted_server slow(context, {.tls_answer = "S"});
    const auto result = dialled_to(slow.address(), tls::backend_mode::require);
    EXPECT_EQ(result.reason, "the TLS handshake took too long");
    EXPECT_FALSE(result.refused.has_value());
}

} // namespace
} // namespace wakegate::proxy
