#include "proxy/gate/turnstile.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace wakegate::proxy {
namespace {

TEST(turnstile, lets_nobody_in_until_it_is_opened) {
    turnstile subject;
    EXPECT_FALSE(subject.pass());
    EXPECT_FALSE(subject.give_back({.places = 1, .logins = 1}));
    EXPECT_EQ(subject.close(), admission_stock{});
}

TEST(turnstile, lets_in_as_many_as_there_are_places_and_logins) {
    turnstile subject;
    subject.open({.places = 3, .logins = 2});
    EXPECT_TRUE(subject.pass());
    EXPECT_TRUE(subject.pass());
    EXPECT_FALSE(subject.pass()) << "no login is left";
    EXPECT_TRUE(subject.give_back({.places = 0, .logins = 1}));
    EXPECT_TRUE(subject.pass());
    EXPECT_TRUE(subject.give_back({.places = 0, .logins = 1}));
    EXPECT_FALSE(subject.pass()) << "no place is left";
    EXPECT_EQ(subject.left(), (admission_stock{.places = 0, .logins = 1}));
}

TEST(turnstile, gives_what_is_left_when_it_closes_and_takes_nothing_back) {
    turnstile subject;
    subject.open({.places = turnstile::most / 2, .logins = 64});
    EXPECT_TRUE(subject.pass());
    const admission_stock left{.places = turnstile::most / 2 - 1, .logins = 63};
    EXPECT_EQ(subject.close(), left);
    EXPECT_FALSE(subject.pass());
    EXPECT_FALSE(subject.give_back({.places = 1, .logins = 0}));
}

TEST(turnstile, stays_closed_with_nothing_to_lend) {
    turnstile subject;
    subject.open({.places = 5, .logins = 0});
    EXPECT_FALSE(subject.give_back({.places = 1, .logins = 0})) << "the gate wants to know";
}

TEST(turnstile, loses_nothing_between_threads) {
    constexpr int rounds = 20'000;
    turnstile subject;
    subject.open({.places = 100, .logins = 100});
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&subject] {
            for (int round = 0; round < rounds; ++round) {
                ASSERT_TRUE(subject.pass());
                ASSERT_TRUE(subject.give_back({.places = 1, .logins = 1}));
            }
        });
    }
    for (auto& one : threads) {
        one.join();
    }
    EXPECT_EQ(subject.close(), (admission_stock{.places = 100, .logins = 100}));
}

} // namespace
} // namespace wakegate::proxy
