#include "scaler/state/known_triggers.hpp"
#include "tests/scaler/reports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::scaler {
namespace {

using namespace testing;
using ::testing::UnorderedElementsAre;

class known_triggers_test : public ::testing::Test {
protected:
    void remember(const std::string& object, const std::string& cluster, seconds window) {
        triggers_.remember(object, {.cluster = cluster, .activity_window = window}, start);
    }

    [[nodiscard]] std::vector<milliseconds> windows(const std::string& cluster, time_point now) {
        std::vector<milliseconds> found;
        for (const auto& each : triggers_.of(cluster, now)) {
            EXPECT_EQ(each.asked.cluster, cluster);
            found.push_back(each.asked.activity_window);
        }
        return found;
    }

    known_triggers triggers_;
};

TEST_F(known_triggers_test, are_found_by_cluster) {
    remember("prod/a", "app", seconds(5));
    remember("prod/b", "app", seconds(6));
    remember("prod/c", "app2", seconds(7));
    EXPECT_THAT(windows("app", start), UnorderedElementsAre(seconds(5), seconds(6)));
    EXPECT_THAT(windows("app2", start), UnorderedElementsAre(seconds(7)));
    EXPECT_THAT(windows("ap", start), UnorderedElementsAre());
}

TEST_F(known_triggers_test, are_the_last_of_each_object) {
    remember("prod/a", "app", seconds(5));
    remember("prod/a", "app", seconds(9));
    EXPECT_THAT(windows("app", start), UnorderedElementsAre(seconds(9)));
}

TEST_F(known_triggers_test, are_forgotten_when_nobody_asks_with_them_any_more) {
    remember("prod/a", "app", seconds(5));
    const auto end = start + known_triggers::remembered;
    EXPECT_EQ(windows("app", end - milliseconds(1)).size(), 1U);
    EXPECT_TRUE(windows("app", end).empty());
}

TEST_F(known_triggers_test, keep_what_they_were_told_when_they_ask_again) {
    remember("prod/a", "app", seconds(5));
    triggers_.note_poll("prod/a", "app", verdict::active, at(seconds(1)));
    triggers_.note_poll("prod/a", "app", verdict::idle, at(seconds(2)));
    remember("prod/a", "app", seconds(5));
    auto known = triggers_.of("app", at(seconds(2))).front();
    EXPECT_EQ(known.polled, at(seconds(2)));
    EXPECT_EQ(known.told_active, at(seconds(1)));
    triggers_.note_push("prod/a", "app", at(seconds(3)));
    EXPECT_EQ(triggers_.of("app", at(seconds(3))).front().told_active, at(seconds(3)));
    triggers_.note_push("prod/b", "app", at(seconds(3)));
    EXPECT_EQ(triggers_.of("app", at(seconds(3))).size(), 1U) << "of those who have asked only";
}

TEST_F(known_triggers_test, are_so_many_at_most_and_the_old_make_room) {
    for (std::size_t number = 0; number < known_triggers::most; ++number) {
        remember("prod/" + std::to_string(number), "app", seconds(5));
    }
    remember("prod/more", "other", seconds(5));
    EXPECT_TRUE(windows("other", start).empty());
    remember("prod/1", "app", seconds(6));
    EXPECT_THAT(windows("app", start), ::testing::Contains(milliseconds(6'000)));
    const auto later = start + known_triggers::remembered;
    triggers_.remember("prod/more", {.cluster = "other"}, later);
    EXPECT_EQ(windows("other", later).size(), 1U);
}

TEST_F(known_triggers_test, have_names_of_a_bounded_length) {
    const std::string endless(known_triggers::longest_name + 1, 'x');
    remember(endless, "app", seconds(5));
    remember("prod/a", endless, seconds(5));
    EXPECT_TRUE(windows("app", start).empty());
    EXPECT_TRUE(windows(endless, start).empty());
}

} // namespace
} // namespace wakegate::scaler
