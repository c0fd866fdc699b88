#include "scaler/state/demand_board.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace wakegate::scaler {
namespace {

/// Takes a lock as a gRPC stream does, so that the test covers the order of locks.
class locking_sink final : public activation_sink {
public:
    void activate() noexcept override {
        const std::lock_guard lock(mutex_);
        ++count_;
    }

    [[nodiscard]] int count() {
        const std::lock_guard lock(mutex_);
        return count_;
    }

private:
    std::mutex mutex_;
    int count_ = 0;
};

demand_report make_report(const std::string& proxy, std::uint64_t sequence) {
    cluster_demand demand;
    demand.cluster = sequence % 3 == 0 ? "app" : "other";
    demand.state = gate_state::waking;
    demand.held = sequence % 2 == 0 ? 1 : 0;
    return {
        .proxy_id = proxy,
        .sequence = sequence,
        .snapshot = sequence % 10 == 1,
        .leaving = false,
        .lease = milliseconds(5),
        .clusters = {demand},
    };
}

TEST(concurrency, reports_streams_polls_and_ticks_at_once) {
    constexpr std::uint64_t rounds = 2'000;
    demand_board board(
        {.proxies =
             {.expected_proxies = 2,
              .expected_is_stated = true,
              .settle_time = milliseconds(0),
              .grace = milliseconds(5)},
         .pace = {milliseconds(1), milliseconds(1), milliseconds(2)}},
        clock::now()
    );
    const trigger_spec trigger{.cluster = "app", .activity_window = milliseconds(1)};
    std::atomic<int> working = 4;
    std::atomic<std::uint64_t> pushed = 0;
    const auto report_as = [&](const std::string& proxy) {
        for (std::uint64_t i = 1; i <= rounds; ++i) {
            pushed += board.report(make_report(proxy, i), clock::now()).changes.pushed.size();
        }
        --working;
    };
    std::atomic<std::uint64_t> pushes = 0;
    const auto come_and_go = [&] {
        for (std::uint64_t i = 0; i < rounds; ++i) {
            locking_sink sink;
            board_changes changes;
            const auto number = board.subscribe(trigger, sink, clock::now(), changes);
            pushed += changes.pushed.size();
            static_cast<void>(board.evaluate(trigger, clock::now()));
            board.unsubscribe(number);
            pushes += static_cast<std::uint64_t>(sink.count());
        }
        --working;
    };
    const auto look_on = [&] {
        while (working > 0) {
            pushed += board.tick(clock::now()).pushed.size();
            EXPECT_LE(board.status(clock::now()).proxies.size(), 2U);
        }
    };
    {
        std::vector<std::jthread> threads;
        threads.emplace_back(report_as, "a");
        threads.emplace_back(report_as, "b");
        threads.emplace_back(come_and_go);
        threads.emplace_back(come_and_go);
        threads.emplace_back(look_on);
    }
    EXPECT_EQ(pushes, pushed) << "each push is counted once and reaches its stream";
}

} // namespace
} // namespace wakegate::scaler
