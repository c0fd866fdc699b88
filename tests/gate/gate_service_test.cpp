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

TEST_F(gate_service_threads, serves_hundreds_of_sessions_of_two_workers_each_on_its_own) {
    constexpr int per_worker = 200;
    std::atomic<int> served{0};
    std::array<asio::io_context, 2> setup_contexts;
    std::vector<std::thread> workers;
    for (auto& setup_context : setup_contexts) {
        workers.emplace_back([this, &served, &setup_context] {
            for (int i = 0; i < per_worker; ++i) {
                asio::co_spawn(setup_context, pass_once(gate_, served), asio::detached);
            }
            setup_context.run();
        });
    }
    for (auto& thread : workers) {
        thread.join();
    }
    stop_control();
    EXPECT_EQ(served, 2 * per_worker);
    EXPECT_EQ(observer_.refused, 0);
}

struct crowd {
    std::atomic<std::size_t> in{0};
    std::atomic<int> served{0};
};

/// Enters and leaves as sessions do: with credits if there are any.
asio::awaitable<void> come_and_go(gate_service& gate, crowd& all, int times) {
    const auto executor = co_await asio::this_coro::executor;
    for (int i = 0; i < times; ++i) {
        const auto id = gate.draw_ticket();
        const bool passed = gate.try_acquire();
        if (!passed) {
            const auto answer = co_await gate.enter(id, clock::now() + std::chrono::minutes(5));
            EXPECT_EQ(answer.outcome, wait_outcome::admitted);
        }
        permit admitted(gate, id, passed);
        const auto in = ++all.in;
        EXPECT_LE(in, max_connections);
        co_await asio::post(executor, asio::use_awaitable);
        if (i % 3 != 0) {
            admitted.login_ended();
            co_await asio::post(executor, asio::use_awaitable);
        }
        --all.in;
    }
    ++all.served;
}

TEST_F(gate_service_threads, never_admits_more_than_max_connections_whichever_way_they_come) {
    constexpr int per_worker = 4; // so that they have to wait at times
    constexpr int times = 500;
    crowd all;
    std::array<asio::io_context, 2> setup_contexts;
    std::vector<std::thread> workers;
    for (auto& setup_context : setup_contexts) {
        workers.emplace_back([this, &all, &setup_context] {
            for (int i = 0; i < per_worker; ++i) {
                asio::co_spawn(setup_context, come_and_go(gate_, all, times), asio::detached);
            }
            setup_context.run();
        });
    }
    for (auto& thread : workers) {
        thread.join();
    }
    stop_control();
    control_.restart();
    control_.poll(); // processes the last releases
    EXPECT_EQ(all.served, 2 * per_worker);
    EXPECT_EQ(gate_.demand().held, 0U);
    EXPECT_TRUE(gate_.try_acquire()) << "nothing is lost";
}

asio::awaitable<void> wait_until_cancelled(gate_service& gate, ticket id, std::atomic<int>& left) {
    const auto deadline = clock::now() + std::chrono::minutes(5);
    const auto answer = co_await gate.enter(id, deadline);
    EXPECT_EQ(answer.outcome, wait_outcome::cancelled);
    ++left;
}

TEST_F(gate_service_threads, lets_waiting_sessions_leave_from_any_thread) {
    asio::post(control_, [this] { server_.stop(); });
    std::atomic<int> left{0};
    asio::io_context setup_context(1);
    std::vector<ticket> tickets;
    for (int i = 0; i < 100; ++i) {
        tickets.push_back(gate_.draw_ticket());
        asio::co_spawn(
            setup_context, wait_until_cancelled(gate_, tickets.back(), left), asio::detached
        );
    }
    setup_context.poll(); // all have asked before the first leaves
    std::thread leaver([this, &tickets] {
        for (const auto id : tickets) {
            gate_.leave(id);
        }
    });
    setup_context.run();
    leaver.join();
    stop_control();
    EXPECT_EQ(left, 100);
    EXPECT_EQ(observer_.refused, 0) << "a client that hangs up is not refused";
}

/// nullopt when it was admitted.
std::optional<gate_error> error_of(const admission& answer) {
    std::optional<gate_error> error;
    if (answer.outcome == wait_outcome::refused) {
        error.emplace(answer.refusal.error);
    }
    return error;
}

asio::awaitable<void>
pass_if_ready(gate_service& gate, std::vector<std::optional<gate_error>>& errors) {
    const auto id = gate.draw_ticket();
    const auto deadline = clock::now() + std::chrono::minutes(5);
    auto answer = co_await gate.enter_if_ready(id, deadline);
    errors.push_back(error_of(answer));
    if (answer.outcome == wait_outcome::admitted) {
        // As if the server had stopped before the connect.
        answer = co_await gate.requeue(id, deadline);
        errors.push_back(error_of(answer));
    }
}

TEST_F(gate_service_threads, counts_no_demand_of_a_client_that_defers) {
    std::vector<std::optional<gate_error>> errors;
    asio::io_context setup_context(1);
    asio::co_spawn(setup_context, pass_if_ready(gate_, errors), asio::detached);
    setup_context.run();
    setup_context.restart();
    asio::co_spawn(setup_context, pass_if_ready(gate_, errors), asio::detached);
    setup_context.run();
    stop_control();
    // The second comes right after a failed probe, whose result still counts.
    const std::vector<std::optional<gate_error>> expected = {
        std::nullopt, gate_error::may_not_wake, gate_error::may_not_wake
    };
    EXPECT_EQ(errors, expected);
    EXPECT_EQ(observer_.wakes, 0);
    EXPECT_EQ(gate_.demand(), gate_demand{.state = gate_state::asleep});
}

asio::awaitable<void> wait_in_vain(gate_service& gate, std::optional<gate_error>& error) {
    const auto id = gate.draw_ticket();
    const auto at_once = clock::now();
    const auto answer = co_await gate.enter(id, at_once);
    error = error_of(answer);
}

TEST_F(gate_service_threads, refuses_with_no_scaler_when_no_scaler_hears_of_the_demand) {
    asio::post(control_, [this] {
        server_.stop();
        gate_.set_channel(wake_channel::no_scaler);
    });
    std::optional<gate_error> error;
    asio::io_context setup_context(1);
    asio::co_spawn(setup_context, wait_in_vain(gate_, error), asio::detached);
    setup_context.run();
    EXPECT_EQ(error, gate_error::no_scaler);
    EXPECT_EQ(gate_.cause_of_hold(connection_kind::ordinary), hold_cause::no_scaler);
    asio::post(control_, [this] { gate_.set_channel(wake_channel::open); });
    setup_context.restart();
    asio::co_spawn(setup_context, wait_in_vain(gate_, error), asio::detached);
    setup_context.run();
    EXPECT_EQ(error, gate_error::hold_timeout);
    stop_control();
}

} // namespace
} // namespace wakegate::proxy
