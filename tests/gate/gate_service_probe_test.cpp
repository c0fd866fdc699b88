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

asio::awaitable<void> come_back_often(gate_service& keeper, int times) {
    const auto id = keeper.draw_ticket();
    const auto deadline = clock::now() + std::chrono::minutes(5);
    auto answer = co_await keeper.enter(id, deadline);
    for (int i = 0; i < times && !answer.error; ++i) {
        answer = co_await keeper.requeue(id, deadline);
    }
    EXPECT_FALSE(answer.error.has_value());
}

TEST_F(gate_keeper_threads, never_takes_a_server_that_answers_probes_and_no_dials_for_woken) {
    asio::io_context front(1);
    asio::co_spawn(front, come_back_often(keeper_, 10), asio::detached);
    front.run();
    stop_control();
    EXPECT_EQ(observer_.wakes, 0);
}

asio::awaitable<void> ask_often(gate_service& keeper, int times, std::vector<bool>& answers) {
    for (int i = 0; i < times; ++i) {
        const bool is_there = co_await keeper.probe_now();
        answers.push_back(is_there);
    }
}

TEST_F(gate_keeper_threads, tells_whoever_asks_whether_the_server_is_there) {
    std::vector<bool> answers;
    asio::io_context front(1);
    asio::co_spawn(front, ask_often(keeper_, 3, answers), asio::detached);
    asio::co_spawn(front, ask_often(keeper_, 3, answers), asio::detached);
    front.run();
    EXPECT_EQ(answers, std::vector<bool>(6, true));
    asio::post(control_, [this] { server_.stop(); });
    answers.clear();
    front.restart();
    asio::co_spawn(front, ask_often(keeper_, 1, answers), asio::detached);
    front.run();
    stop_control(); // it may still be at its post to `front`
    EXPECT_EQ(answers, std::vector<bool>{false});
}

asio::awaitable<void> log_in_slowly(gate_service& keeper) {
    const auto id = keeper.draw_ticket();
    const bool passed = keeper.try_acquire();
    if (!passed) {
        co_await keeper.enter(id, clock::now() + std::chrono::minutes(5));
    }
    permit admitted(keeper, id, passed);
    admitted.login_is_slow();
    co_await keeper.probe_now();
    if (id % 2 == 0) {
        admitted.login_ended();
    }
}

TEST_F(gate_keeper_threads, loses_no_place_of_slow_logins_whichever_way_they_came) {
    asio::io_context front(1);
    for (int i = 0; i < 20; ++i) {
        asio::co_spawn(front, log_in_slowly(keeper_), asio::detached);
        front.run(); // the next may come by the turnstile
        front.restart();
    }
    stop_control();
    control_.restart();
    control_.poll();
    EXPECT_EQ(keeper_.demand().held, 0U);
    for (std::size_t i = 0; i < places; ++i) {
        EXPECT_TRUE(keeper_.try_acquire());
    }
    EXPECT_FALSE(keeper_.try_acquire());
}

/// The same with a probe that logs in, and all the time.
class gate_keeper_with_a_login : public gate_keeper_threads {
protected:
    ~gate_keeper_with_a_login() override { stop_control(); }

    gate_service keeper_with_login_{
        control_,
        "app",
        {.probe_interval = milliseconds(1), .probe_ready_interval = milliseconds(1)},
        {.address = server_.address(), .timeout = patience, .user = "monitor"},
        room_,
        traffic_,
        observer_
    };
};

TEST_F(gate_keeper_with_a_login, goes_on_believing_a_ready_server_that_refuses_its_probe) {
    server_.let_in(true);
    std::atomic<int> served{0};
    asio::io_context front(1);
    asio::co_spawn(front, pass_once(keeper_with_login_, served), asio::detached);
    front.run();
    server_.let_in(false);
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(server_.refuses_one());
    }
    stop_control();
    EXPECT_EQ(served, 1);
    EXPECT_EQ(keeper_with_login_.demand().state, gate_state::ready);
}

} // namespace
} // namespace wakegate::proxy
