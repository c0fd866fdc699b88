#include "common/concurrency_limit.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace wakegate {
namespace {

TEST(concurrency_limit, has_as_many_places_for_each_as_it_says) {
    concurrency_limit<std::string> roles(2);
    const auto first = roles.try_acquire("ann");
    const auto second = roles.try_acquire("ann");
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(roles.try_acquire("ann"));
    EXPECT_TRUE(roles.try_acquire("ben")) << "another role's guards";
}

TEST(concurrency_limit, has_a_place_again_when_one_goes) {
    concurrency_limit<no_key> all(1);
    auto first = all.try_acquire({});
    EXPECT_FALSE(all.try_acquire({}));
    first.reset();
    EXPECT_TRUE(all.try_acquire({}));
}

TEST(concurrency_limit, counts_a_place_once_wherever_it_is_moved) {
    concurrency_limit<no_key> all(3);
    {
        concurrency_limit<no_key>::guard kept;
        EXPECT_FALSE(kept.is_counted());
        kept = *all.try_acquire({});
        auto moved = std::move(kept);
        EXPECT_TRUE(moved.is_counted());
        EXPECT_EQ(all.count({}), 1U);
        moved = *all.try_acquire({});
        EXPECT_EQ(all.count({}), 1U) << "the one it had before is free again";
    }
    EXPECT_EQ(all.count({}), 0U);
}

TEST(concurrency_limit, keeps_no_key_that_has_nobody) {
    concurrency_limit<std::string> roles(1);
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(roles.try_acquire(std::to_string(i)));
    }
    EXPECT_EQ(roles.keys(), 0U);
}

TEST(concurrency_limit, without_a_bound_counts_nothing) {
    concurrency_limit<std::string> roles;
    const auto guard = roles.try_acquire("ann");
    ASSERT_TRUE(guard);
    EXPECT_FALSE(guard->is_counted());
    EXPECT_EQ(roles.keys(), 0U);
}

TEST(concurrency_limit, never_gives_more_to_many_threads_at_once) {
    constexpr std::size_t most = 3;
    concurrency_limit<no_key> all(most);
    std::atomic<std::size_t> inside{0};
    std::atomic<bool> exceeded{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int turn = 0; turn < 5'000; ++turn) {
                if (const auto guard = all.try_acquire({})) {
                    exceeded = exceeded || ++inside > most;
                    --inside;
                }
            }
        });
    }
    for (auto& each : threads) {
        each.join();
    }
    EXPECT_FALSE(exceeded);
    EXPECT_EQ(all.count({}), 0U);
}

} // namespace
} // namespace wakegate
