#include "proxy/net/async_semaphore.hpp"
#include "tests/support/loopback.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace wakegate::proxy {
namespace {

using namespace support;

constexpr auto long_enough = seconds(60);

struct held_slots {
    std::deque<async_semaphore::slot> slots;
    std::vector<int> order;
    int refused = 0;
};

asio::awaitable<void>
acquire_and_keep(async_semaphore& semaphore, held_slots& held, int number, duration limit) {
    auto slot = co_await semaphore.acquire(limit);
    if (slot) {
        held.slots.push_back(*std::move(slot));
        held.order.push_back(number);
    } else {
        ++held.refused;
    }
}

struct async_semaphore_on_one_thread : testing::Test {
    void begin(int number, duration limit = long_enough) {
        asio::co_spawn(context, acquire_and_keep(semaphore, held, number, limit), asio::detached);
        poll();
    }

    void poll() {
        context.restart();
        context.poll();
    }

    async_semaphore semaphore{2, 3};
    held_slots held;
    asio::io_context context{1}; // destroyed first, with its coroutines
};

TEST_F(async_semaphore_on_one_thread, has_so_many_slots_and_a_queue_for_the_rest) {
    for (int number = 1; number <= 4; ++number) {
        begin(number);
    }
    EXPECT_EQ(held.order, (std::vector<int>{1, 2}));
    EXPECT_EQ(semaphore.users(), 4U);
}

TEST_F(async_semaphore_on_one_thread, serves_first_who_came_first) {
    for (int number = 1; number <= 4; ++number) {
        begin(number);
    }
    held.slots.pop_front();
    poll();
    EXPECT_EQ(held.order, (std::vector<int>{1, 2, 3}));
    held.slots.clear();
    poll();
    EXPECT_EQ(held.order, (std::vector<int>{1, 2, 3, 4}));
    held.slots.clear();
    EXPECT_EQ(semaphore.users(), 0U);
}

TEST_F(async_semaphore_on_one_thread, turns_away_who_comes_to_a_full_queue) {
    for (int number = 1; number <= 6; ++number) {
        begin(number);
    }
    EXPECT_EQ(held.refused, 1);
    EXPECT_EQ(semaphore.users(), 5U);
}

TEST_F(async_semaphore_on_one_thread, keeps_nobody_waiting_beyond_the_limit) {
    begin(1);
    begin(2);
    const auto slot = run(context, semaphore.acquire(milliseconds(1)));
    EXPECT_FALSE(slot);
    EXPECT_EQ(semaphore.users(), 2U) << "and its place in the queue is free";
}

TEST_F(
    async_semaphore_on_one_thread, has_a_slot_again_that_was_granted_to_a_coroutine_destroyed_since
) {
    {
        asio::io_context other{1};
        begin(1);
        begin(2);
        asio::co_spawn(other, acquire_and_keep(semaphore, held, 3, long_enough), asio::detached);
        other.poll();
        held.slots.pop_front(); // granted to the third, which never runs again
        EXPECT_EQ(semaphore.users(), 2U);
    }
    EXPECT_EQ(semaphore.users(), 1U);
    begin(4);
    EXPECT_EQ(held.order, (std::vector<int>{1, 2, 4}));
}

asio::awaitable<void> use(async_semaphore& semaphore, std::atomic<int>& in_use, int& done) {
    for (int i = 0; i < 1'000; ++i) {
        const auto slot = co_await semaphore.acquire(long_enough);
        EXPECT_TRUE(slot);
        EXPECT_LE(++in_use, 2);
        --in_use;
        ++done;
    }
}

TEST(async_semaphore, is_for_any_thread) {
    async_semaphore semaphore(2, 100);
    std::atomic<int> in_use = 0;
    std::vector<int> done(4, 0);
    std::vector<std::thread> threads;
    for (auto& count : done) {
        threads.emplace_back([&] {
            asio::io_context context(1);
            for (int i = 0; i < 4; ++i) {
                asio::co_spawn(context, use(semaphore, in_use, count), asio::detached);
            }
            context.run();
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(done, std::vector<int>(4, 4'000));
    EXPECT_EQ(semaphore.users(), 0U);
}

} // namespace
} // namespace wakegate::proxy
