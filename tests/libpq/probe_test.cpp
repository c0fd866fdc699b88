#include "proxy/libpq/probe.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_file.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

using namespace support;

const auto sasl = authentication(10, text("SCRAM-SHA-256") + '\0');
const auto md5 = authentication(5, "salt");
const auto trusted_login = authentication_ok() + parameter_status("server_version", "15.0") +
                           backend_key_data("pid!secr") + ready_for_query('I');

server_script refusal_with(const std::string& sqlstate) {
    return {.answer = error("FATAL", sqlstate), .then = manners::leaves};
}

std::string login_refused(const std::string& detail) {
    return "login refused" + detail + "; check probe.user, probe.password_file and probe.database";
}

struct probe_of_a_server : testing::Test {
    probe_result probed(const host_port& address) {
        settings.address = address;
        return run(context, probe(settings));
    }

    asio::io_context context{1};
    probe_settings settings{.timeout = seconds(60)};
};

struct probe_case {
    const char* name;
    server_script script;
    std::string reason;   ///< empty: ready
    bool refused = false; ///< not ready, but reachable
};

class probe_attempts_without_a_login : public probe_of_a_server,
                                       public testing::WithParamInterface<probe_case> {};

TEST_P(probe_attempts_without_a_login, believe_a_servers_own_word_and_nothing_less) {
    const scripted_server server(context, GetParam().script);
    const auto outcome = probed(server.address());
    EXPECT_EQ(outcome.reason, GetParam().reason);
    EXPECT_EQ(outcome.ready, GetParam().reason.empty());
    EXPECT_FALSE(outcome.refused) << "it asked for no login";
    EXPECT_EQ(outcome.connection_limit, std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    probe,
    probe_attempts_without_a_login,
    testing::ValuesIn(std::vector<probe_case>{
        {"asks_for_scram", {.answer = sasl}, ""},
        {"asks_for_scram_byte_by_byte", {.answer = sasl, .byte_by_byte = true}, ""},
        {"asks_for_md5", {.answer = md5}, ""},
        {"asks_for_a_password", {.answer = authentication(3)}, ""},
        {"asks_for_kerberos", {.answer = authentication(2)}, ""},
        {"asks_for_gssapi", {.answer = authentication(7)}, ""},
        {"asks_for_sspi", {.answer = authentication(9)}, ""},
        {"asks_for_what_nobody_knows", {.answer = authentication(4711)}, ""},
        {"asks_for_an_unknown_sasl_mechanism",
         {.answer = authentication(10, text("OAUTHBEARER") + '\0')},
         ""},
        {"trusts", {.answer = trusted_login}, ""},
        {"knows_no_such_user", refusal_with("28000"), ""},
        {"knows_no_such_database", refusal_with("3D000"), ""},
        {"has_no_room", refusal_with("53300"), ""},
        {"starts_up", refusal_with("57P03"), "server answered 57P03"},
        {"shuts_down", refusal_with("57P01"), "server answered 57P01"},
        {"crashes", refusal_with("57P02"), "server answered 57P02"},
        {"shuts_down_in_its_own_greeting",
         {.answer = authentication_ok() + error("FATAL", "57P01"), .then = manners::leaves},
         "server answered 57P01"},
        {"leaves_at_the_accept", {.then = manners::leaves_mute}, "no login answer"},
        {"leaves_at_once", {.then = manners::leaves}, "no login answer"},
        {"leaves_in_the_middle",
         {.answer = sasl.substr(0, 7), .then = manners::leaves},
         "no login answer"},
        {"is_no_postgres",
         {.answer = "HTTP/1.1 400 Bad Request\r\n\r\n", .then = manners::leaves},
         "no login answer"},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST_F(probe_of_a_server, is_over_in_time_when_the_server_is_silent) {
    const scripted_server server(context, {});
    settings.timeout = milliseconds(20);
    const auto outcome = probed(server.address());
    EXPECT_FALSE(outcome.ready);
    EXPECT_EQ(outcome.reason, "no login answer");
}

TEST_F(probe_of_a_server, is_over_in_time_when_the_server_falls_silent_in_its_greeting) {
    const scripted_server server(context, {.answer = authentication_ok()});
    settings.timeout = milliseconds(20);
    EXPECT_FALSE(probed(server.address()).ready);
}

TEST_F(probe_of_a_server, finds_nobody_at_a_deserted_address) {
    const auto outcome = probed(deserted_address(context));
    EXPECT_FALSE(outcome.ready);
    EXPECT_NE(outcome.reason, "");
}

TEST_F(probe_of_a_server, finds_nobody_behind_an_unknown_name) {
    EXPECT_EQ(
        probed({"no-such-name.invalid", 5432}).reason,
        "'no-such-name.invalid' has no address; check the name and DNS"
    );
}

TEST_F(probe_of_a_server, tries_each_address_of_a_name) {
    const scripted_server server(context, {.answer = sasl}); // on IPv4 alone
    EXPECT_TRUE(probed({"localhost", server.address().port}).ready);
}

TEST_F(probe_of_a_server, asks_the_next_address_when_the_first_is_silent) {
    const scripted_server silent(context, {});
    const scripted_server server(context, {.answer = sasl});
    const std::vector addresses{silent.endpoint(), server.endpoint()};
    const auto deadline = clock::now() + seconds(4);
    EXPECT_TRUE(run(context, probe_at(settings, addresses, deadline)).ready);
    EXPECT_EQ(silent.startups().size(), 1U) << "it was asked first";
}

TEST_F(probe_of_a_server, remembers_a_refusal_when_the_next_address_is_deserted) {
    const scripted_server server(context, refusal_with("28P01"));
    const tcp::endpoint nobody(asio::ip::address_v4::loopback(), deserted_address(context).port);
    const std::vector addresses{server.endpoint(), nobody};
    const auto deadline = clock::now() + seconds(60);
    settings.user = "monitor";
    const auto outcome = run(context, probe_at(settings, addresses, deadline));
    EXPECT_TRUE(outcome.refused);
    EXPECT_EQ(outcome.reason, login_refused(" with 28P01"));
}

TEST_F(probe_of_a_server, says_who_it_is_and_what_it_wants) {
    const scripted_server server(context, {.answer = sasl});
    settings.user = "monitor";
    settings.database = "postgres";
    probed(server.address());
    ASSERT_EQ(server.startups().size(), 1U);
    const auto& startup = server.startups().front();
    for (const auto& [name, value] : parameters{
             {"user", "monitor"}, {"database", "postgres"}, {"application_name", "wakegate-probe"}
         }) {
        EXPECT_NE(startup.find(text(name) + text(value)), std::string::npos) << name;
    }
}

class probe_attempts_with_a_login : public probe_of_a_server,
                                    public testing::WithParamInterface<probe_case> {};

TEST_P(probe_attempts_with_a_login, do_not_take_a_refusal_for_an_answer) {
    const scripted_server server(context, GetParam().script);
    const temporary_file password("secret\n");
    settings.user = "monitor";
    settings.password_file = password.path();
    const auto outcome = probed(server.address());
    EXPECT_FALSE(outcome.ready);
    EXPECT_EQ(outcome.reason, GetParam().reason);
    EXPECT_EQ(outcome.refused, GetParam().refused);
}

INSTANTIATE_TEST_SUITE_P(
    probe,
    probe_attempts_with_a_login,
    testing::ValuesIn(std::vector<probe_case>{
        {"wrong_password", refusal_with("28P01"), login_refused(" with 28P01"), true},
        {"no_such_user", refusal_with("28000"), login_refused(" with 28000"), true},
        {"no_such_database", refusal_with("3D000"), login_refused(" with 3D000"), true},
        {"unknown_sasl_mechanism",
         {.answer = authentication(10, text("OAUTHBEARER") + '\0')},
         login_refused(""),
         true},
        {"no_room", refusal_with("53300"), "server answered 53300", true},
        {"pooler_without_a_server", refusal_with("08P01"), "server answered 08P01"},
        {"starts_up", refusal_with("57P03"), "server answered 57P03"},
        {"leaves_at_the_accept", {.then = manners::leaves_mute}, "no login answer"},
        {"leaves_when_it_has_asked_for_the_password",
         {.answer = md5, .then = manners::leaves},
         "no login answer"},
        {"leaves_before_it_is_asked",
         {.answer = trusted_login, .then = manners::leaves},
         "state query failed"},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST_F(probe_of_a_server, takes_a_refusal_for_nobodys_when_only_one_server_will_do) {
    const scripted_server server(context, refusal_with("28P01"));
    settings.user = "monitor";
    settings.system_identifier = "7000000000000000001";
    const auto outcome = probed(server.address());
    EXPECT_FALSE(outcome.refused) << "a stranger refuses as well";
    EXPECT_EQ(outcome.reason, login_refused(" with 28P01"));
}

TEST_F(probe_of_a_server, takes_a_login_slower_than_its_time_for_a_refusal) {
    const scripted_server server(context, {.answer = md5});
    const temporary_file password("secret\n");
    settings.user = "monitor";
    settings.password_file = password.path();
    settings.timeout = seconds(2);
    const auto outcome = probed(server.address());
    EXPECT_FALSE(outcome.ready);
    EXPECT_TRUE(outcome.refused) << "it has asked for the password, so it is there";
    EXPECT_EQ(outcome.reason, "login takes longer than probe.timeout");
}

TEST_F(probe_of_a_server, takes_a_refusal_in_the_clear_for_nobodys_where_tls_is_asked_for) {
    const scripted_server server(context, refusal_with("28P01"));
    settings.user = "monitor";
    settings.tls.mode = tls::backend_mode::require;
    const auto outcome = probed(server.address());
    EXPECT_FALSE(outcome.refused);
    EXPECT_NE(outcome.reason, "");
}

} // namespace
} // namespace wakegate::proxy
