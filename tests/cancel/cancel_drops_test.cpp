#include "proxy/cancel/cancel_drops.hpp"

#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

constexpr time_point start{seconds(1'000)};

TEST(cancel_drops, are_told_at_once_and_then_once_a_minute) {
    cancel_drops drops;
    EXPECT_EQ(drops.take_report(start), std::nullopt);
    drops.add(drop_reason::network_limit);
    EXPECT_EQ(drops.take_report(start), (cancel_drop_counts{.network_limit = 1}));
    for (int i = 0; i < 79; ++i) {
        drops.add(drop_reason::network_limit);
    }
    drops.add(drop_reason::overload);
    EXPECT_EQ(drops.take_report(start + seconds(59)), std::nullopt);
    EXPECT_EQ(
        drops.take_report(start + seconds(60)),
        (cancel_drop_counts{.network_limit = 79, .overload = 1})
    );
    EXPECT_EQ(drops.take_report(start + seconds(120)), std::nullopt) << "nothing new";
}

TEST(cancel_drops, leave_out_keys_that_are_nobodys) {
    cancel_drops drops;
    drops.add(drop_reason::unknown_key);
    EXPECT_EQ(drops.take_report(start), std::nullopt);
}

} // namespace
} // namespace wakegate::proxy
