#include "proxy/libpq/per_address_deadline.hpp"

#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

constexpr time_point start{seconds(1'000)};
constexpr auto deadline = start + seconds(12);

TEST(per_address_deadline, is_the_same_for_each_of_several_who_take_all_of_it) {
    EXPECT_EQ(per_address_deadline(start, deadline, 3), start + seconds(4));
    EXPECT_EQ(per_address_deadline(start + seconds(4), deadline, 2), start + seconds(8));
    EXPECT_EQ(per_address_deadline(start + seconds(8), deadline, 1), deadline);
}

TEST(per_address_deadline, grows_by_what_those_before_did_not_need) {
    EXPECT_EQ(per_address_deadline(start, deadline, 2), start + seconds(6));
    EXPECT_EQ(per_address_deadline(start + seconds(1), deadline, 1), deadline);
}

TEST(per_address_deadline, is_nothing_when_none_is_left) {
    const auto late = deadline + seconds(1);
    EXPECT_EQ(per_address_deadline(deadline, deadline, 2), deadline);
    EXPECT_EQ(per_address_deadline(late, deadline, 2), late);
}

} // namespace
} // namespace wakegate::proxy
