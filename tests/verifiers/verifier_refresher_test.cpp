#include "proxy/verifiers/verifier_refresher.hpp"
#include "tests/support/captured_log.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_file.hpp"

#include <boost/asio/steady_timer.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

namespace wakegate::proxy {
namespace {

using namespace support;

// Roles from a server are tested against Postgres itself, in tests/e2e/test_auth_query.py. This
// server refuses every login, which is an answer all the same.
struct verifier_refresher_test : testing::Test {
    verifier_refresher_test() {
        std::filesystem::remove(file.path());
        store.replace("app", {{"app", "ann", verifier, {}, {}}});
    }

    ~verifier_refresher_test() override { std::filesystem::remove(file.path()); }

    [[nodiscard]] verifier_settings settings(bool asks = true) const {
        verifier_settings settings{.files = {"", "", {}}, .roles = roles};
        if (asks) {
            settings.query = auth_query_settings{
                .address = server.address(),
                .user = "gate",
                .password_file = "",
                .system_identifier = "",
                .timeout = seconds(60),
            };
        }
        return settings;
    }

    [[nodiscard]] std::size_t questions() const { return server.startups().size(); }

    const auth::scram_verifier verifier =
        auth::scram_verifier::derive("secret", "sixteen bytes it", 4'096);
    const std::shared_ptr<auth::role_store> roles =
        std::make_shared<auth::role_store>(std::make_shared<const auth::role_table>());
    temporary_file file{""};
    verifier_store store{file.path(), {"app"}};
    asio::io_context context{1};
    scripted_server server{context, {.answer = error("FATAL", "28P01"), .then = manners::leaves}};
    scripted_server silent{context, {.answer = "", .then = manners::stays}};
};

TEST_F(verifier_refresher_test, begins_with_what_the_cache_remembers) {
    EXPECT_EQ(roles->find("ann"), nullptr);
    const verifier_refresher refresher(context, "app", settings(), &store);
    ASSERT_NE(roles->find("ann"), nullptr);
    EXPECT_EQ(roles->find("ann")->verifier, verifier);
    ASSERT_TRUE(refresher.stats());
    EXPECT_EQ(refresher.stats()->roles, 1U);
    EXPECT_EQ(refresher.stats()->refreshed_at, std::chrono::sys_seconds());
}

TEST_F(verifier_refresher_test, asks_no_server_without_a_query) {
    verifier_refresher refresher(context, "app", settings(false), nullptr);
    refresher.start();
    refresher.set_awake(true);
    run(context, refresher.await_recent_roles());
    EXPECT_EQ(questions(), 0U);
    EXPECT_FALSE(refresher.stats());
}

TEST_F(verifier_refresher_test, asks_a_sleeping_server_nothing_for_a_login) {
    verifier_refresher refresher(context, "app", settings(), &store);
    run(context, refresher.await_recent_roles());
    EXPECT_EQ(questions(), 0U);
}

TEST_F(verifier_refresher_test, lets_all_logins_share_one_question_and_waits_for_its_answer) {
    verifier_refresher refresher(context, "app", settings(), &store);
    refresher.set_awake(true);
    int answered = 0;
    for (int i = 0; i < 10; ++i) {
        asio::co_spawn(context, refresher.await_recent_roles(), [&](const std::exception_ptr&) {
            ++answered;
        });
    }
    EXPECT_EQ(answered, 0);
    run(context, refresher.await_recent_roles());
    context.restart();
    while (answered < 10) {
        context.run_one();
    }
    EXPECT_EQ(questions(), 1U) << "a refusal; nobody asks again for each of them";
    EXPECT_NE(roles->find("ann"), nullptr) << "and it takes nothing away";
}

TEST_F(verifier_refresher_test, holds_no_login_up_for_long) {
    auto impatient = settings();
    impatient.query->timeout = milliseconds(20);
    impatient.query->address = silent.address();
    verifier_refresher refresher(context, "app", impatient, &store);
    refresher.set_awake(true);
    run(context, refresher.await_recent_roles());
    EXPECT_NE(roles->find("ann"), nullptr);
}

TEST_F(verifier_refresher_test, holds_no_login_up_when_its_cluster_falls_asleep) {
    auto patient = settings();
    patient.query->address = silent.address();
    verifier_refresher refresher(context, "app", patient, &store);
    refresher.set_awake(true);
    bool let_in = false;
    asio::co_spawn(context, refresher.await_recent_roles(), [&](const std::exception_ptr&) {
        let_in = true;
    });
    context.poll(); // it waits
    refresher.set_awake(false);
    context.poll();
    EXPECT_TRUE(let_in);
}

TEST_F(verifier_refresher_test, warns_once_when_it_knows_nobody_and_says_what_to_do) {
    verifier_store empty(file.path() + ".none", {"app"});
    auto query_settings = settings();
    query_settings.query->address = deserted_address(context);
    verifier_refresher refresher(context, "app", query_settings, &empty);
    captured_log log;
    refresher.start();
    run(context, refresher.await_recent_roles()); // a turn of the loop
    refresher.set_awake(true);
    run(context, refresher.await_recent_roles()); // until that query has its answer, too
    const auto text = log.take();
    const auto at = text.find("warning no_roles_known cluster=app reason=");
    ASSERT_NE(at, std::string::npos) << text;
    EXPECT_NE(text.find("remedy=\"nobody can log in", at), std::string::npos) << text;
    EXPECT_EQ(text.find("no_roles_known", at + 20), std::string::npos) << text;
}

TEST_F(verifier_refresher_test, tells_nobody_to_start_a_server_that_answers) {
    verifier_store empty(file.path() + ".none", {"app"});
    verifier_refresher refresher(context, "app", settings(), &empty);
    captured_log log;
    refresher.set_awake(true);
    run(context, refresher.await_recent_roles());
    const auto text = log.take();
    EXPECT_NE(text.find("no_roles_known"), std::string::npos) << text;
    EXPECT_EQ(text.find("start the server"), std::string::npos) << text;
}

TEST_F(verifier_refresher_test, says_nothing_of_that_while_it_knows_somebody) {
    verifier_refresher refresher(context, "app", settings(), &store);
    captured_log log;
    refresher.set_awake(true);
    run(context, refresher.await_recent_roles());
    EXPECT_EQ(log.take().find("no_roles_known"), std::string::npos);
}

} // namespace
} // namespace wakegate::proxy
