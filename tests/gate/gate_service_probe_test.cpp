#include "tests/support/gate_service_rig.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <vector>

namespace wakegate::proxy {
namespace {

class gate_service_probe : public gate_service_threads {};

asio::awaitable<void> requeue_often(gate_service& gate, int times) {
    const auto id = gate.draw_ticket();
    const auto deadline = clock::now() + std::chrono::minutes(5);
    auto answer = co_await gate.enter(id, deadline);
    for (int i = 0; i < times && answer.outcome == wait_outcome::admitted; ++i) {
        answer = co_await gate.requeue(id, deadline);
    }
    EXPECT_EQ(answer.outcome, wait_outcome::admitted);
}

TEST_F(gate_service_probe, never_takes_a_server_that_answers_probes_and_no_dials_for_woken) {
    asio::io_context setup_context(1);
    asio::co_spawn(setup_context, requeue_often(gate_, 10), asio::detached);
    setup_context.run();
    stop_control();
    EXPECT_EQ(observer_.wakes, 0);
}

asio::awaitable<void> ask_often(gate_service& gate, int times, std::vector<bool>& answers) {
    for (int i = 0; i < times; ++i) {
        const bool is_there = co_await gate.probe_now();
        answers.push_back(is_there);
    }
}

TEST_F(gate_service_probe, tells_whoever_asks_whether_the_server_is_there) {
    std::vector<bool> answers;
    asio::io_context setup_context(1);
    asio::co_spawn(setup_context, ask_often(gate_, 3, answers), asio::detached);
    asio::co_spawn(setup_context, ask_often(gate_, 3, answers), asio::detached);
    setup_context.run();
    EXPECT_EQ(answers, std::vector<bool>(6, true));
    asio::post(control_, [this] { server_.stop(); });
    answers.clear();
    setup_context.restart();
    asio::co_spawn(setup_context, ask_often(gate_, 1, answers), asio::detached);
    setup_context.run();
    stop_control(); // it may still post to `setup_context`
    EXPECT_EQ(answers, std::vector<bool>{false});
}

asio::awaitable<void> log_in_slowly(gate_service& gate) {
    const auto id = gate.draw_ticket();
    const bool passed = gate.try_acquire();
    if (!passed) {
        co_await gate.enter(id, clock::now() + std::chrono::minutes(5));
    }
    permit admitted(gate, id, passed);
    admitted.login_is_slow();
    co_await gate.probe_now();
    if (id % 2 == 0) {
        admitted.login_ended();
    }
}

TEST_F(gate_service_probe, loses_no_place_of_slow_logins_whichever_way_they_came) {
    asio::io_context setup_context(1);
    for (int i = 0; i < 20; ++i) {
        asio::co_spawn(setup_context, log_in_slowly(gate_), asio::detached);
        setup_context.run(); // the next may be admitted by credits
        setup_context.restart();
    }
    stop_control();
    control_.restart();
    control_.poll();
    EXPECT_EQ(gate_.demand().held, 0U);
    for (std::size_t i = 0; i < max_connections; ++i) {
        EXPECT_TRUE(gate_.try_acquire());
    }
    EXPECT_FALSE(gate_.try_acquire());
}

/// The same with a probe that logs in, and probes all the time.
class gate_service_probe_with_login : public gate_service_probe {
protected:
    ~gate_service_probe_with_login() override { stop_control(); }

    gate_service gate_with_login_{
        control_,
        "app",
        {.probe_interval = milliseconds(1), .probe_ready_interval = milliseconds(1)},
        {.address = server_.address(), .timeout = patience, .user = "monitor"},
        queue_limit_,
        traffic_,
        observer_
    };
};

TEST_F(gate_service_probe_with_login, stays_ready_when_the_server_refuses_its_probe) {
    server_.let_in(true);
    std::atomic<int> served{0};
    asio::io_context setup_context(1);
    asio::co_spawn(setup_context, pass_once(gate_with_login_, served), asio::detached);
    setup_context.run();
    server_.let_in(false);
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(server_.refuses_one());
    }
    stop_control();
    EXPECT_EQ(served, 1);
    EXPECT_EQ(gate_with_login_.demand().state, gate_state::ready);
}

} // namespace
} // namespace wakegate::proxy
