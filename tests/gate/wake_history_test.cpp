#include "proxy/gate/wake_history.hpp"

#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

TEST(wake_history, knows_nothing_before_the_first_wake) {
    EXPECT_EQ(wake_history().typical(), std::nullopt);
}

TEST(wake_history, gives_the_median_of_the_last_seven) {
    wake_history history;
    history.note(seconds(9));
    EXPECT_EQ(history.typical(), seconds(9));
    history.note(seconds(1));
    history.note(seconds(5));
    EXPECT_EQ(history.typical(), seconds(5));
    for (int i = 0; i < 7; ++i) {
        history.note(seconds(20 + i));
    }
    EXPECT_EQ(history.typical(), seconds(23));
}

} // namespace
} // namespace wakegate::proxy
