#include "proxy/gate/wait_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace wakegate::proxy {
namespace {

using ::testing::ElementsAre;

constexpr auto ordinary = connection_kind::ordinary;
constexpr auto reserved = connection_kind::reserved;
constexpr time_point early{std::chrono::hours(1)};
constexpr time_point late{std::chrono::hours(2)};

struct wait_queue_test : testing::Test {
    global_queue_limit limit{.max_waiting = 2};
    wait_queue queue{limit};
};

TEST_F(wait_queue_test, empty_has_no_first_and_no_deadline) {
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.first(ordinary), std::nullopt);
    EXPECT_EQ(queue.first(reserved), std::nullopt);
    EXPECT_EQ(queue.overdue(late), std::nullopt);
    EXPECT_EQ(queue.next_deadline(), time_point::max());
}

TEST_F(wait_queue_test, serves_by_ticket_and_expires_by_deadline) {
    queue.add(2, early, ordinary);
    queue.add(1, late, ordinary);
    EXPECT_EQ(queue.first(ordinary), 1U);
    EXPECT_EQ(queue.next_deadline(), early);
    EXPECT_EQ(queue.overdue(early - milliseconds(1)), std::nullopt);
    EXPECT_EQ(queue.overdue(early), 2U);
    EXPECT_THAT(queue.tickets(), ElementsAre(1, 2));
    queue.remove(2);
    EXPECT_EQ(queue.overdue(early), std::nullopt);
    EXPECT_EQ(queue.next_deadline(), late);
}

TEST_F(wait_queue_test, knows_the_first_of_each_kind) {
    queue.add(1, late, ordinary);
    queue.add(2, late, reserved);
    EXPECT_EQ(queue.first(ordinary), 1U) << "an ordinary connection is the first comer's";
    EXPECT_EQ(queue.first(reserved), 2U);
    EXPECT_EQ(queue.kind_of(1), ordinary);
    EXPECT_EQ(queue.kind_of(2), reserved);
    queue.remove(2);
    EXPECT_EQ(queue.first(reserved), std::nullopt);
}

TEST_F(wait_queue_test, counts_for_the_limit_until_it_is_destroyed) {
    {
        wait_queue other(limit);
        other.add(1, late, ordinary);
        queue.add(1, late, reserved);
        EXPECT_TRUE(limit.is_full());
    }
    EXPECT_EQ(limit.waiting, 1U);
    queue.remove(1);
    EXPECT_EQ(limit.waiting, 0U);
}

} // namespace
} // namespace wakegate::proxy
