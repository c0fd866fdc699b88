#include "proxy/gate/admission_credits.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace wakegate::proxy {
namespace {

TEST(admission_credits, lets_nobody_in_until_it_is_opened) {
    admission_credits subject;
    EXPECT_FALSE(subject.try_acquire());
    EXPECT_FALSE(subject.release({.connections = 1, .logins = 1}));
    EXPECT_EQ(subject.close(), credits{});
}

TEST(admission_credits, lets_in_as_many_as_there_are_places_and_logins) {
    admission_credits subject;
    subject.open({.connections = 3, .logins = 2});
    EXPECT_TRUE(subject.try_acquire());
    EXPECT_TRUE(subject.try_acquire());
    EXPECT_FALSE(subject.try_acquire()) << "no login is left";
    EXPECT_TRUE(subject.release({.connections = 0, .logins = 1}));
    EXPECT_TRUE(subject.try_acquire());
    EXPECT_TRUE(subject.release({.connections = 0, .logins = 1}));
    EXPECT_FALSE(subject.try_acquire()) << "no place is left";
    EXPECT_EQ(subject.left(), (credits{.connections = 0, .logins = 1}));
}

TEST(admission_credits, gives_what_is_left_when_it_closes_and_takes_nothing_back) {
    admission_credits subject;
    subject.open({.connections = admission_credits::max / 2, .logins = 64});
    EXPECT_TRUE(subject.try_acquire());
    const credits left{.connections = admission_credits::max / 2 - 1, .logins = 63};
    EXPECT_EQ(subject.close(), left);
    EXPECT_FALSE(subject.try_acquire());
    EXPECT_FALSE(subject.release({.connections = 1, .logins = 0}));
}

TEST(admission_credits, stays_closed_with_nothing_to_grant) {
    admission_credits subject;
    subject.open({.connections = 5, .logins = 0});
    EXPECT_FALSE(subject.release({.connections = 1, .logins = 0})) << "the gate wants to know";
}

TEST(admission_credits, loses_nothing_between_threads) {
    constexpr int rounds = 20'000;
    admission_credits subject;
    subject.open({.connections = 100, .logins = 100});
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&subject] {
            for (int round = 0; round < rounds; ++round) {
                ASSERT_TRUE(subject.try_acquire());
                ASSERT_TRUE(subject.release({.connections = 1, .logins = 1}));
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(subject.close(), (credits{.connections = 100, .logins = 100}));
}

} // namespace
} // namespace wakegate::proxy
