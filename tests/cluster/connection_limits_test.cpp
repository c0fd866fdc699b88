#include "proxy/cluster/connection_limits.hpp"
#include "proxy/session/client_error.hpp"
#include "tests/support/loopback.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace wakegate::proxy {
namespace {

ip_address address(const std::string& text) {
    return boost::asio::ip::make_address(text);
}

TEST(connection_limits_per_source, have_no_bound_by_default) {
    per_source_limit limits;
    quota_guards guards;
    EXPECT_TRUE(limits.acquire(address("10.0.0.1"), guards));
    EXPECT_FALSE(guards.any_counted());
}

TEST(connection_limits_per_source, bound_each_address_and_each_64_by_itself) {
    per_source_limit limits(1);
    quota_guards first;
    quota_guards second;
    quota_guards third;
    EXPECT_TRUE(limits.acquire(address("10.0.0.1"), first));
    EXPECT_TRUE(first.any_counted());
    const auto refused = limits.acquire(address("::ffff:10.0.0.1"), second);
    ASSERT_FALSE(refused);
    EXPECT_EQ(to_client_error(refused.error()).sqlstate, "53300");
    EXPECT_EQ(to_client_error(refused.error()).message, "too many connections from 10.0.0.1");
    EXPECT_TRUE(limits.acquire(address("10.0.0.2"), second));
    EXPECT_TRUE(limits.acquire(address("2001:db8::1"), third));
    EXPECT_FALSE(limits.acquire(address("2001:db8::2"), third));
}

TEST(connection_limits_per_source, tell_only_so_many_at_one_time_why_they_are_refused) {
    boost::asio::io_context context(1);
    per_source_limit limits(std::nullopt, 0);
    std::deque<async_semaphore::slot> slots;
    for (std::size_t i = 0; i < per_source_limit::max_rejections; ++i) {
        auto slot = support::run(context, limits.rejection_slots().acquire(seconds(60)));
        ASSERT_TRUE(slot);
        slots.push_back(std::move(*slot));
    }
    EXPECT_FALSE(support::run(context, limits.rejection_slots().acquire(seconds(60))));
    EXPECT_EQ(limits.rejections(), per_source_limit::max_rejections);
    slots.pop_back();
    EXPECT_TRUE(support::run(context, limits.rejection_slots().acquire(seconds(60))));
}

TEST(connection_limits_per_cluster, say_which_of_them_is_reached) {
    cluster_limits limits(2, 1);
    quota_guards ann;
    quota_guards ben;
    quota_guards late;
    EXPECT_TRUE(limits.acquire("app", "ann", ann));
    auto refused = limits.acquire("app", "ann", late);
    ASSERT_FALSE(refused);
    EXPECT_EQ(to_client_error(refused.error()).message, "too many connections for role \"ann\"");
    EXPECT_TRUE(limits.acquire("app", "ben", ben)) << "who was refused has left no trace";
    refused = limits.acquire("app", "cid", late);
    ASSERT_FALSE(refused);
    EXPECT_EQ(to_client_error(refused.error()).message, "too many connections for cluster \"app\"");
    ann = {};
    EXPECT_TRUE(limits.acquire("app", "cid", late));
}

TEST(connection_limits_per_cluster, take_names_for_the_same_that_postgres_does) {
    cluster_limits limits(std::nullopt, 1);
    const std::string longest(63, 'a');
    quota_guards first;
    quota_guards second;
    EXPECT_TRUE(limits.acquire("app", longest + "b", first));
    EXPECT_FALSE(limits.acquire("app", longest + "c", second));
}

} // namespace
} // namespace wakegate::proxy
