#include "proxy/cancel/keys/cancel_rate.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wakegate::proxy {
namespace {

constexpr cancel_rate_settings settings{.burst = 3, .per_second = 10};
constexpr time_point start{seconds(1'000)};

source_network network(const std::string& address) {
    return source_network_of(boost::asio::ip::make_address(address));
}

int admitted(cancel_rate& rate, const source_network& from, time_point now, int tries) {
    int count = 0;
    for (int i = 0; i < tries; ++i) {
        count += rate.admit(from, now) ? 1 : 0;
    }
    return count;
}

TEST(cancel_rate, admits_a_burst_and_then_so_many_a_second) {
    cancel_rate rate(settings, 1);
    const auto from = network("192.0.2.1");
    EXPECT_EQ(admitted(rate, from, start, 10), 3);
    EXPECT_EQ(admitted(rate, from, start + milliseconds(99), 10), 0);
    EXPECT_EQ(admitted(rate, from, start + milliseconds(100), 10), 1);
    EXPECT_EQ(admitted(rate, from, start + milliseconds(300), 10), 2);
    EXPECT_EQ(admitted(rate, from, start + seconds(60), 10), 3) << "no more than a burst is saved";
}

TEST(cancel_rate, refusals_do_not_prolong_the_wait) {
    cancel_rate rate(settings, 1);
    const auto from = network("192.0.2.1");
    EXPECT_EQ(admitted(rate, from, start, 1000), 3);
    EXPECT_TRUE(rate.admit(from, start + milliseconds(100)));
}

TEST(cancel_rate, counts_networks_and_not_addresses) {
    cancel_rate rate(settings, 1);
    EXPECT_EQ(admitted(rate, network("192.0.2.1"), start, 10), 3);
    EXPECT_FALSE(rate.admit(network("192.0.2.200"), start));
    EXPECT_FALSE(rate.admit(network("::ffff:192.0.2.9"), start));
    EXPECT_TRUE(rate.admit(network("192.0.3.1"), start));

    EXPECT_EQ(admitted(rate, network("2001:db8:0:1::1"), start, 10), 3);
    EXPECT_FALSE(rate.admit(network("2001:db8:0:1:ffff::"), start));
    EXPECT_TRUE(rate.admit(network("2001:db8:0:2::1"), start));
}

TEST(cancel_rate, many_busy_networks_leave_the_others_room) {
    cancel_rate rate(settings, 1);
    for (std::uint64_t i = 0; i < 200; ++i) {
        admitted(rate, {.is_v6 = true, .bits = i}, start, 10);
    }
    int refused = 0;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        refused += rate.admit({.is_v6 = false, .bits = i}, start) ? 0 : 1;
    }
    EXPECT_LE(refused, 10) << "both slots of a network taken: (200/8192)^2, 0.06 %";
}

TEST(cancel_rate, a_flood_from_everywhere_stays_within_its_memory) {
    cancel_rate rate({.burst = 1, .per_second = 1, .slots = 16}, 1);
    int count = 0;
    for (std::uint64_t i = 0; i < 10'000; ++i) {
        count += rate.admit({.is_v6 = true, .bits = i}, start) ? 1 : 0;
    }
    EXPECT_GE(count, 16);
    EXPECT_LE(count, 32);
    EXPECT_TRUE(rate.admit({.is_v6 = true, .bits = 0}, start + seconds(2)));
}

} // namespace
} // namespace wakegate::proxy
