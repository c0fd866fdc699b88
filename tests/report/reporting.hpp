#pragma once

#include "proxy/report/reporter.hpp"
#include "tests/support/silent_observer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace wakegate::support {

namespace asio = boost::asio;

/// A cluster that can't be woken, with its gate.
struct served_cluster {
    served_cluster(
        asio::io_context& control,
        std::string name,
        proxy::global_queue_limit& room,
        proxy::gate_observer& observer
    )
        : gate(
              control, std::move(name), {}, {.address = {"127.0.0.1", 1}}, room, traffic, observer
          ) {}

    proxy::cluster_traffic traffic{1};
    proxy::gate_service gate;
};

inline asio::awaitable<void> wait_at(proxy::gate_service& gate, proxy::ticket id) {
    const auto deadline = clock::now() + std::chrono::hours(1);
    co_await gate.enter(id, deadline);
}

/// The proxy as far as the reporter sees it: two clusters and the control thread.
struct reporting : testing::Test, silent_observer {
    ~reporting() override { end_reporter(); }

    void demand_changed(const proxy::gate_service& gate, bool urgent) override {
        if (subject) {
            subject->demand_changed(gate, urgent);
        }
    }

    void report_to(std::vector<host_port> scalers) {
        const std::vector<proxy::reported_cluster> clusters = {
            {.gate = &app.gate, .count_idle_sessions = true},
            {.gate = &other.gate},
        };
        proxy::reporter_settings settings{
            .scalers = std::move(scalers),
            .lease = milliseconds(60'000),
            .proxy_name = "gate-a",
        };
        subject.emplace(control, std::move(settings), clusters);
        asio::post(control, [this] { subject->start(); });
        thread = std::thread([this] { control.run(); });
    }

    template <typename Job> auto on_control_thread(Job job) {
        std::packaged_task<decltype(job())()> task(std::move(job));
        auto done = task.get_future();
        asio::post(control, std::move(task));
        return done.get();
    }

    /// Ends in the program's order: the control thread first.
    void end_reporter() {
        control.stop();
        if (thread.joinable()) {
            thread.join();
        }
        subject.reset();
    }

    void hold_a_client_of(served_cluster& cluster) {
        const auto id = cluster.gate.draw_ticket();
        asio::co_spawn(control, wait_at(cluster.gate, id), asio::detached);
    }

    asio::io_context control{1};
    asio::executor_work_guard<asio::io_context::executor_type> work{control.get_executor()};
    proxy::global_queue_limit room;
    served_cluster app{control, "app", room, *this};
    served_cluster other{control, "other", room, *this};
    std::optional<proxy::reporter> subject;
    std::thread thread;
};

inline void await(const std::function<bool()>& condition) {
    const auto limit = clock::now() + std::chrono::minutes(1);
    while (!condition()) {
        ASSERT_LT(clock::now(), limit);
    }
}

} // namespace wakegate::support
