#include "proxy/libpq/auth_query.hpp"
#include "tests/support/scripted_server.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

using namespace support;

// Query results are tested against Postgres itself, in tests/e2e/test_auth_query.py.

struct failure_case {
    const char* name;
    server_script script;
    std::string failure;
    bool reached;
};

server_script refusal_with(const std::string& sqlstate) {
    return {.answer = error("FATAL", sqlstate), .then = manners::leaves};
}

std::string login_refused(const std::string& detail) {
    return "login refused" + detail + "; check auth_query's user, password_file and database";
}

const auto login = authentication_ok() + ready_for_query('I');

class auth_query_attempts : public testing::TestWithParam<failure_case> {
protected:
    auth_query_result result_of_query(const host_port& address) {
        return run(
            context,
            query_roles({
                .address = address,
                .user = "auth",
                .password_file = "",
                .system_identifier = "",
                .timeout = milliseconds(60'000),
            })
        );
    }

    asio::io_context context{1};
};

TEST_P(auth_query_attempts, that_fail_say_why) {
    const scripted_server server(context, GetParam().script);
    const auto answer = result_of_query(server.address());
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().reason, GetParam().failure);
    EXPECT_EQ(answer.error().reached, GetParam().reached);
}

INSTANTIATE_TEST_SUITE_P(
    auth_query,
    auth_query_attempts,
    testing::ValuesIn(std::vector<failure_case>{
        {"wrong_password", refusal_with("28P01"), login_refused(" with 28P01"), true},
        {"no_such_role", refusal_with("28000"), login_refused(" with 28000"), true},
        {"no_such_database", refusal_with("3D000"), login_refused(" with 3D000"), true},
        {"password_wanted_and_none_given", {.answer = authentication(3)}, login_refused(""), true},
        {"starts_up", refusal_with("57P03"), "server answered 57P03", false},
        {"has_no_room", refusal_with("53300"), "server answered 53300", false},
        {"leaves_at_the_accept", {.then = manners::leaves_mute}, "no login answer", false},
        {"leaves_before_it_is_asked",
         {.answer = login, .then = manners::leaves},
         "no read-only transaction could be begun",
         true},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST_F(auth_query_attempts, find_nobody_at_a_deserted_address) {
    const auto answer = result_of_query(deserted_address(context));
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().reason, "no login answer");
    EXPECT_FALSE(answer.error().reached);
}

TEST_F(auth_query_attempts, go_to_the_next_address_when_the_first_is_silent) {
    const scripted_server silent(context, {});
    const scripted_server server(context, refusal_with("28P01"));
    const std::vector addresses{silent.endpoint(), server.endpoint()};
    const auto deadline = clock::now() + seconds(4);
    const auth_query_settings settings{.user = "auth"};
    const auto answer = run(context, query_roles_at(settings, addresses, deadline));
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().reason, login_refused(" with 28P01"));
    EXPECT_EQ(silent.startups().size(), 1U) << "it was asked first";
}

TEST_F(auth_query_attempts, say_who_asks) {
    const scripted_server server(context, refusal_with("28000"));
    result_of_query(server.address());
    ASSERT_EQ(server.startups().size(), 1U);
    const auto& startup = server.startups().front();
    for (const auto& [name, value] : parameters{
             {"user", "auth"},
             {"database", "postgres"},
             {"application_name", "wakegate-auth-query"},
         }) {
        EXPECT_NE(startup.find(text(name) + text(value)), std::string::npos) << name;
    }
}

} // namespace
} // namespace wakegate::proxy
