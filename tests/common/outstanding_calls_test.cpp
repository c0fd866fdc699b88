#include "common/grpc/outstanding_calls.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <utility>

namespace wakegate {
namespace {

class counted_call final : public outstanding_call {
public:
    counted_call(int& ended, std::atomic<int>& alive) : ended_(ended), alive_(alive) { ++alive_; }

    ~counted_call() override { --alive_; }

    void end() noexcept override { ++ended_; }

private:
    int& ended_;
    std::atomic<int>& alive_;
};

struct outstanding_calls_test : testing::Test {
    const outstanding_call& add() {
        auto call = std::make_shared<counted_call>(ended, alive);
        const auto& added = *call;
        calls.add(std::move(call));
        return added;
    }

    outstanding_calls calls;
    int ended = 0;
    std::atomic<int> alive = 0;
};

TEST_F(outstanding_calls_test, live_until_they_are_removed) {
    const auto& call = add();
    EXPECT_EQ(alive, 1);
    calls.remove(call);
    EXPECT_EQ(alive, 0);
}

TEST_F(outstanding_calls_test, are_ended_all_at_once_and_so_are_later_ones) {
    add();
    add();
    calls.end_all();
    EXPECT_EQ(ended, 2);
    add();
    EXPECT_EQ(ended, 3);
    EXPECT_EQ(alive, 3) << "ended, and not removed yet";
}

TEST_F(outstanding_calls_test, are_destroyed_before_a_wait_for_them_returns) {
    const auto& call = add();
    std::jthread remover([&] { calls.remove(call); });
    calls.wait_until_empty();
    EXPECT_EQ(alive, 0);
}

TEST_F(outstanding_calls_test, need_no_wait_when_there_are_none) {
    calls.wait_until_empty();
}

} // namespace
} // namespace wakegate
