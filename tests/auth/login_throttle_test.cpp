#include "proxy/auth/login_throttle.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wakegate::auth {

namespace {

constexpr auto ms = [](int count) { return milliseconds(count); };

/// Small numbers, for readable tests.
const throttle_settings settings{
    .network =
        {.free_failures = 2,
         .first_delay = ms(100),
         .longest_delay = ms(1'000),
         .halve_after = ms(10'000)},
    .role =
        {.free_failures = 4,
         .first_delay = ms(50),
         .longest_delay = ms(200),
         .halve_after = ms(10'000)},
    .max_entries = 3,
};

source_network v4(int third, int fourth) {
    const boost::asio::ip::address_v4::bytes_type bytes{
        192, 0, static_cast<unsigned char>(third), static_cast<unsigned char>(fourth)
    };
    return source_network_of(boost::asio::ip::address_v4(bytes));
}

const source_network source = v4(2, 1);
const role_name ann("app", "ann");
const time_point start{};

/// For how long a login is refused; 0 for not at all.
milliseconds refused_for(
    const login_throttle& throttle,
    const source_network& from,
    const role_name& role,
    time_point now
) {
    const auto until = throttle.throttled_until(from, role, now);
    return std::chrono::duration_cast<milliseconds>(until.value_or(now) - now);
}

/// Uses another role for each failure, so that only the network reaches its limit.
void fail_from(login_throttle& throttle, const source_network& from, int times, time_point now) {
    for (int i = 0; i < times; ++i) {
        throttle.failed(from, role_name("app", std::to_string(i)), now);
    }
}

TEST(login_throttle, lets_everybody_mistype_a_few_times) {
    login_throttle throttle(settings);
    EXPECT_EQ(refused_for(throttle, source, ann, start), ms(0));
    fail_from(throttle, source, 2, start);
    EXPECT_EQ(refused_for(throttle, source, ann, start), ms(0));
}

TEST(login_throttle, refuses_a_network_for_twice_as_long_each_time) {
    login_throttle throttle(settings);
    fail_from(throttle, source, 2, start);
    for (const int expected : {100, 200, 400, 800, 1'000, 1'000}) {
        fail_from(throttle, source, 1, start);
        EXPECT_EQ(refused_for(throttle, source, ann, start), ms(expected));
    }
    EXPECT_EQ(refused_for(throttle, source, ann, start + ms(999)), ms(1));
    EXPECT_EQ(refused_for(throttle, source, ann, start + ms(1'000)), ms(0));
    EXPECT_EQ(refused_for(throttle, v4(3, 1), ann, start), ms(0)) << "others are not to blame";
}

TEST(login_throttle, never_overflows) {
    login_throttle throttle(settings);
    fail_from(throttle, source, 100'000, start);
    EXPECT_EQ(refused_for(throttle, source, ann, start), ms(1'000));
}

TEST(login_throttle, slows_many_networks_down_that_guess_at_one_role) {
    login_throttle throttle(settings);
    for (unsigned char i = 0; i < 5; ++i) {
        throttle.failed(v4(i, 0), ann, start);
    }
    EXPECT_EQ(refused_for(throttle, source, ann, start), ms(50));
    EXPECT_EQ(refused_for(throttle, source, role_name("app", "bob"), start), ms(0));
    EXPECT_EQ(refused_for(throttle, source, role_name("other", "ann"), start), ms(0));
    for (unsigned char i = 0; i < 50; ++i) {
        throttle.failed(v4(i, 0), ann, start);
    }
    EXPECT_EQ(refused_for(throttle, v4(99, 0), ann, start), ms(200)) << "and locks nobody out";
}

TEST(login_throttle, forgives_half_of_it_after_a_while) {
    login_throttle throttle(settings);
    fail_from(throttle, source, 8, start);
    const auto later = start + ms(10'000);
    fail_from(throttle, source, 1, later); // 8 / 2 + 1 failures, 3 of them above the free ones
    EXPECT_EQ(refused_for(throttle, source, ann, later), ms(400));
    const auto much_later = later + ms(10'000) * 100;
    fail_from(throttle, source, 1, much_later);
    EXPECT_EQ(refused_for(throttle, source, ann, much_later), ms(0));
}

TEST(login_throttle, forgives_a_network_where_somebody_knows_a_password) {
    login_throttle throttle(settings);
    for (int i = 0; i < 9; ++i) {
        throttle.failed(source, ann, start);
    }
    throttle.succeeded(source);
    EXPECT_EQ(refused_for(throttle, source, role_name("app", "bob"), start), ms(0));
    EXPECT_EQ(refused_for(throttle, source, ann, start), ms(200)) << "the role is still guessed at";
    throttle.succeeded(v4(77, 0)); // nothing to forgive
}

TEST(login_throttle, remembers_no_more_than_it_may) {
    login_throttle throttle(settings);
    fail_from(throttle, source, 4, start);
    for (unsigned char i = 10; i < 100; ++i) {
        throttle.failed(v4(i, 0), role_name("app", std::to_string(i)), start);
        throttle.failed(source, ann, start); // fails again, so it is kept
        EXPECT_LE(throttle.entries(), 2 * settings.max_entries);
    }
    EXPECT_EQ(refused_for(throttle, source, role_name("app", "new"), start), ms(1'000));
}

TEST(login_throttle, takes_names_as_long_as_postgres_does) {
    const std::string longest(63, 'r');
    EXPECT_EQ(role_name("app", longest), role_name("app", longest + "and more"));
    EXPECT_NE(role_name("app", longest), role_name("app", longest.substr(1)));
    EXPECT_NE(role_name("a", "bc"), role_name("ab", "c"));
}

} // namespace

} // namespace wakegate::auth
