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

struct wait_queue_of : testing::Test {
    global_queue_limit room{.capacity = 2};
    wait_queue queue{room};
};

TEST_F(wait_queue_of, nobody_has_no_first_and_no_deadline) {
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.first(ordinary), std::nullopt);
    EXPECT_EQ(queue.first(reserved), std::nullopt);
    EXPECT_EQ(queue.overdue(late), std::nullopt);
    EXPECT_EQ(queue.next_deadline(), time_point::max());
}

TEST_F(wait_queue_of, several_serves_by_ticket_and_expires_by_deadline) {
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

TEST_F(wait_queue_of, both_kinds_knows_the_first_of_each) {
    queue.add(1, late, ordinary);
    queue.add(2, late, reserved);
    EXPECT_EQ(queue.first(ordinary), 1U) << "an ordinary connection is the first comer's";
    EXPECT_EQ(queue.first(reserved), 2U);
    EXPECT_EQ(queue.kind_of(1), ordinary);
    EXPECT_EQ(queue.kind_of(2), reserved);
    queue.remove(2);
    EXPECT_EQ(queue.first(reserved), std::nullopt);
}

TEST_F(wait_queue_of, some_counts_them_in_the_room_until_it_goes) {
    {
        wait_queue other(room);
        other.add(1, late, ordinary);
        queue.add(1, late, reserved);
        EXPECT_TRUE(room.is_full());
    }
    EXPECT_EQ(room.occupied, 1U);
    queue.remove(1);
    EXPECT_EQ(room.occupied, 0U);
}

} // namespace
} // namespace wakegate::proxy
