#include "tests/support/gate_service_rig.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

namespace wakegate::proxy {
namespace {

TEST_F(gate_keeper_threads, serves_hundreds_of_sessions_of_two_workers_each_on_its_own) {
    constexpr int per_worker = 200;
    std::atomic<int> served{0};
    std::array<asio::io_context, 2> fronts;
    std::vector<std::thread> workers;
    for (auto& front : fronts) {
        workers.emplace_back([this, &served, &front] {
            for (int i = 0; i < per_worker; ++i) {
                asio::co_spawn(front, pass_once(keeper_, served), asio::detached);
            }
            front.run();
        });
    }
    for (auto& one : workers) {
        one.join();
    }
    stop_control();
    EXPECT_EQ(served, 2 * per_worker);
    EXPECT_EQ(observer_.refused, 0);
}

struct crowd {
    std::atomic<std::size_t> in{0};
    std::atomic<int> served{0};
};

/// As sessions do: by the turnstile if it is open.
asio::awaitable<void> come_and_go(gate_service& keeper, crowd& all, int times) {
    const auto here = co_await asio::this_coro::executor;
    for (int i = 0; i < times; ++i) {
        const auto id = keeper.draw_ticket();
        const bool passed = keeper.try_acquire();
        if (!passed) {
            const auto answer = co_await keeper.enter(id, clock::now() + std::chrono::minutes(5));
            EXPECT_FALSE(answer.error.has_value());
        }
        permit admitted(keeper, id, passed);
        const auto in = ++all.in;
        EXPECT_LE(in, places);
        co_await asio::post(here, asio::use_awaitable);
        if (i % 3 != 0) {
            admitted.login_ended();
            co_await asio::post(here, asio::use_awaitable);
        }
        --all.in;
    }
    ++all.served;
}

TEST_F(gate_keeper_threads, never_lets_in_more_than_there_are_places_whichever_way_they_come) {
    constexpr int per_worker = 4; // so that they have to wait at times
    constexpr int times = 500;
    crowd all;
    std::array<asio::io_context, 2> fronts;
    std::vector<std::thread> workers;
    for (auto& front : fronts) {
        workers.emplace_back([this, &all, &front] {
            for (int i = 0; i < per_worker; ++i) {
                asio::co_spawn(front, come_and_go(keeper_, all, times), asio::detached);
            }
            front.run();
        });
    }
    for (auto& one : workers) {
        one.join();
    }
    stop_control();
    control_.restart();
    control_.poll(); // what the last ones gave back
    EXPECT_EQ(all.served, 2 * per_worker);
    EXPECT_EQ(keeper_.demand().held, 0U);
    EXPECT_TRUE(keeper_.try_acquire()) << "nothing is lost";
}

asio::awaitable<void> wait_for_refusal(gate_service& keeper, ticket id, std::atomic<int>& left) {
    const auto deadline = clock::now() + std::chrono::minutes(5);
    const auto answer = co_await keeper.enter(id, deadline);
    EXPECT_EQ(answer.error, gate_error::hung_up);
    ++left;
}

TEST_F(gate_keeper_threads, lets_waiting_sessions_leave_from_any_thread) {
    asio::post(control_, [this] { server_.stop(); });
    std::atomic<int> left{0};
    asio::io_context front(1);
    std::vector<ticket> tickets;
    for (int i = 0; i < 100; ++i) {
        tickets.push_back(keeper_.draw_ticket());
        asio::co_spawn(front, wait_for_refusal(keeper_, tickets.back(), left), asio::detached);
    }
    front.poll(); // all have asked before the first leaves
    std::thread leaver([this, &tickets] {
        for (const auto id : tickets) {
            keeper_.leave(id);
        }
    });
    front.run();
    leaver.join();
    stop_control();
    EXPECT_EQ(left, 100);
    EXPECT_EQ(observer_.refused, 0) << "who hangs up is refused nothing";
}

asio::awaitable<void>
pass_if_ready(gate_service& keeper, std::vector<std::optional<gate_error>>& why) {
    const auto id = keeper.draw_ticket();
    const auto deadline = clock::now() + std::chrono::minutes(5);
    auto answer = co_await keeper.enter_if_ready(id, deadline);
    why.push_back(answer.error);
    if (!answer.error) {
        // As if the server had gone before the dial.
        answer = co_await keeper.requeue(id, deadline);
        why.push_back(answer.error);
    }
}

TEST_F(gate_keeper_threads, takes_nothing_of_one_who_defers_for_demand) {
    std::vector<std::optional<gate_error>> answers;
    asio::io_context front(1);
    asio::co_spawn(front, pass_if_ready(keeper_, answers), asio::detached);
    front.run();
    front.restart();
    asio::co_spawn(front, pass_if_ready(keeper_, answers), asio::detached);
    front.run();
    stop_control();
    // The second comes right after a miss, which decides without another look.
    const std::vector<std::optional<gate_error>> expected = {
        std::nullopt, gate_error::may_not_wake, gate_error::may_not_wake
    };
    EXPECT_EQ(answers, expected);
    EXPECT_EQ(observer_.wakes, 0);
    EXPECT_EQ(keeper_.demand(), gate_demand{.state = gate_state::asleep});
}

asio::awaitable<void> wait_in_vain(gate_service& keeper, std::optional<gate_error>& why) {
    const auto id = keeper.draw_ticket();
    const auto at_once = clock::now();
    const auto answer = co_await keeper.enter(id, at_once);
    why = answer.error;
}

TEST_F(gate_keeper_threads, tells_who_waits_in_vain_that_nobody_heard_of_it) {
    asio::post(control_, [this] {
        server_.stop();
        keeper_.set_channel(wake_channel::no_scaler);
    });
    std::optional<gate_error> why;
    asio::io_context front(1);
    asio::co_spawn(front, wait_in_vain(keeper_, why), asio::detached);
    front.run();
    EXPECT_EQ(why, gate_error::no_scaler);
    EXPECT_EQ(keeper_.cause_of_hold(connection_kind::ordinary), hold_cause::no_scaler);
    asio::post(control_, [this] { keeper_.set_channel(wake_channel::open); });
    front.restart();
    asio::co_spawn(front, wait_in_vain(keeper_, why), asio::detached);
    front.run();
    EXPECT_EQ(why, gate_error::hold_timeout);
    stop_control();
}

} // namespace
} // namespace wakegate::proxy
