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
        for (const auto& each : triggers_.for_cluster(cluster, now)) {
            EXPECT_EQ(each.trigger.cluster, cluster);
            found.push_back(each.trigger.activity_window);
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
    triggers_.record_poll("prod/a", "app", scaler_answer::active, at(seconds(1)));
    triggers_.record_poll("prod/a", "app", scaler_answer::idle, at(seconds(2)));
    remember("prod/a", "app", seconds(5));
    auto known = triggers_.for_cluster("app", at(seconds(2))).front();
    EXPECT_EQ(known.last_poll, at(seconds(2)));
    EXPECT_EQ(known.last_active_answer, at(seconds(1)));
    triggers_.record_push("prod/a", "app", at(seconds(3)));
    EXPECT_EQ(
        triggers_.for_cluster("app", at(seconds(3))).front().last_active_answer, at(seconds(3))
    );
    triggers_.record_push("prod/b", "app", at(seconds(3)));
    EXPECT_EQ(triggers_.for_cluster("app", at(seconds(3))).size(), 1U)
        << "of those who have asked only";
}

TEST_F(known_triggers_test, are_so_many_at_most_and_the_old_make_room) {
    for (std::size_t number = 0; number < known_triggers::max_triggers; ++number) {
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
    const std::string endless(known_triggers::max_name_length + 1, 'x');
    remember(endless, "app", seconds(5));
    remember("prod/a", endless, seconds(5));
    EXPECT_TRUE(windows("app", start).empty());
    EXPECT_TRUE(windows(endless, start).empty());
}

} // namespace
} // namespace wakegate::scaler
