#include "proxy/net/concurrency_limit.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace wakegate::proxy {
namespace {

TEST(concurrency_limit, has_as_many_places_for_each_as_it_says) {
    concurrency_limit<std::string> roles(2);
    const auto first = roles.take("ann");
    const auto second = roles.take("ann");
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(roles.take("ann"));
    EXPECT_TRUE(roles.take("ben")) << "another one's places";
}

TEST(concurrency_limit, has_a_place_again_when_one_goes) {
    concurrency_limit<no_key> all(1);
    auto first = all.take({});
    EXPECT_FALSE(all.take({}));
    first.reset();
    EXPECT_TRUE(all.take({}));
}

TEST(concurrency_limit, counts_a_place_once_wherever_it_is_moved) {
    concurrency_limit<no_key> all(3);
    {
        concurrency_limit<no_key>::place kept;
        EXPECT_FALSE(kept.taken());
        kept = *all.take({});
        auto moved = std::move(kept);
        EXPECT_TRUE(moved.taken());
        EXPECT_EQ(all.of({}), 1U);
        moved = *all.take({});
        EXPECT_EQ(all.of({}), 1U) << "the one it had before is free again";
    }
    EXPECT_EQ(all.of({}), 0U);
}

TEST(concurrency_limit, keeps_no_key_that_has_nobody) {
    concurrency_limit<std::string> roles(1);
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(roles.take(std::to_string(i)));
    }
    EXPECT_EQ(roles.keys(), 0U);
}

TEST(concurrency_limit, without_a_bound_counts_nothing) {
    concurrency_limit<std::string> roles;
    const auto place = roles.take("ann");
    ASSERT_TRUE(place);
    EXPECT_FALSE(place->taken());
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
                if (const auto place = all.take({})) {
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
    EXPECT_EQ(all.of({}), 0U);
}

} // namespace
} // namespace wakegate::proxy
