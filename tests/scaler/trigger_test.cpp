#include "scaler/state/trigger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::scaler {
namespace {

using ::testing::HasSubstr;

constexpr milliseconds default_window{90'000};

trigger_spec accepted(const trigger_metadata& metadata) {
    const auto parsed = parse_trigger(metadata, default_window);
    if (const auto* failure = std::get_if<metadata_error>(&parsed)) {
        ADD_FAILURE() << failure->text;
        return {};
    }
    return std::get<trigger_spec>(parsed);
}

TEST(trigger_spec, needs_no_more_than_a_cluster) {
    const auto trigger = accepted({{"cluster", "app"}});
    EXPECT_EQ(trigger.cluster, "app");
    EXPECT_EQ(trigger.activity_window, default_window);
    EXPECT_EQ(trigger.sessions_per_replica, 100U);
    EXPECT_EQ(trigger.metric, trigger_metric::held_and_busy);
    EXPECT_EQ(trigger.cooldown_period, std::nullopt);
    EXPECT_EQ(trigger.polling_interval, std::nullopt);
}

TEST(trigger_spec, reads_every_key_and_passes_over_kedas_own) {
    const auto trigger = accepted({
        {"cluster", "app"},
        {"activityWindow", "5m"},
        {"sessionsPerReplica", "1000000"},
        {"metric", "sessions"},
        {"cooldownPeriod", "300"},
        {"pollingInterval", "30s"},
        {"scalerAddress", "wakegate-scaler:9411"},
        {"enableTLS", "true"},
        {"unsafeSsl", "whatever"},
    });
    EXPECT_EQ(trigger.activity_window, std::chrono::minutes(5));
    EXPECT_EQ(trigger.sessions_per_replica, 1'000'000U);
    EXPECT_EQ(trigger.metric, trigger_metric::sessions);
    EXPECT_EQ(trigger.cooldown_period, seconds(300));
    EXPECT_EQ(trigger.polling_interval, seconds(30));
}

TEST(trigger_spec, may_have_no_cooldown_at_all) {
    const auto trigger = accepted({{"cluster", "app"}, {"cooldownPeriod", "0"}});
    EXPECT_EQ(trigger.cooldown_period, seconds(0));
}

TEST(trigger_spec, may_be_polled_as_often_as_the_actuator_can) {
    const auto trigger = accepted({{"cluster", "app"}, {"pollingInterval", "100ms"}});
    EXPECT_EQ(trigger.polling_interval, milliseconds(100));
}

struct bad_metadata {
    std::string name;
    std::string key;
    std::string value;
    std::string allowed; ///< what the error must name as allowed
};

class trigger_bad_metadata_test : public ::testing::TestWithParam<bad_metadata> {};

TEST_P(trigger_bad_metadata_test, is_refused_by_key_value_and_what_is_allowed) {
    const auto& bad = GetParam();
    trigger_metadata metadata{{"cluster", "app"}};
    metadata[bad.key] = bad.value;
    const auto parsed = parse_trigger(metadata, default_window);
    ASSERT_TRUE(std::holds_alternative<metadata_error>(parsed));
    const auto& text = std::get<metadata_error>(parsed).text;
    EXPECT_THAT(text, HasSubstr(bad.key));
    EXPECT_THAT(text, HasSubstr("'" + bad.value + "'"));
    EXPECT_THAT(text, HasSubstr(bad.allowed));
    const bool is_unknown = bad.allowed.starts_with("allowed are");
    EXPECT_EQ(std::get<metadata_error>(parsed).key, is_unknown ? "unknown" : bad.key);
}

INSTANTIATE_TEST_SUITE_P(
    trigger_spec,
    trigger_bad_metadata_test,
    ::testing::Values(
        bad_metadata{"empty_cluster", "cluster", "", "name of a cluster"},
        bad_metadata{"window_without_unit", "activityWindow", "60", "like 60s"},
        bad_metadata{"empty_window", "activityWindow", "", "like 60s"},
        bad_metadata{"window_below_a_second", "activityWindow", "999ms", "at least 1s"},
        bad_metadata{"zero_window", "activityWindow", "0s", "at least 1s"},
        bad_metadata{"negative_window", "activityWindow", "-5s", "at least 1s"},
        bad_metadata{"no_sessions", "sessionsPerReplica", "0", "from 1 to 1000000"},
        bad_metadata{"too_many_sessions", "sessionsPerReplica", "1000001", "from 1 to 1000000"},
        bad_metadata{"overflow", "sessionsPerReplica", "99999999999", "from 1 to 1000000"},
        bad_metadata{"fraction", "sessionsPerReplica", "1.5", "whole number"},
        bad_metadata{"words", "sessionsPerReplica", "many", "whole number"},
        bad_metadata{"negative_sessions", "sessionsPerReplica", "-1", "whole number"},
        bad_metadata{"unknown_metric", "metric", "idle", "held+busy, sessions"},
        bad_metadata{"cooldown_in_words", "cooldownPeriod", "soon", "in seconds like 300"},
        bad_metadata{"empty_cooldown", "cooldownPeriod", "", "in seconds like 300"},
        bad_metadata{"negative_cooldown", "cooldownPeriod", "-1", "in seconds like 300"},
        bad_metadata{"endless_cooldown", "cooldownPeriod", "99999999999999999999", "in seconds"},
        bad_metadata{"no_polling", "pollingInterval", "0", "at least 100ms"},
        bad_metadata{"fractional_polling", "pollingInterval", "1.5", "in seconds like 30"},
        bad_metadata{"keep_awake", "keepAwake", "* * * * *", "not built yet"},
        bad_metadata{"timezone", "timezone", "Europe/Zurich", "not built yet"},
        bad_metadata{
            "misspelt_key", "activitywindow", "60s", "allowed are cluster, activityWindow"
        },
        bad_metadata{"key_from_env", "clusterFromEnv", "CLUSTER", "allowed are cluster"}
    ),
    [](const auto& instance) { return instance.param.name; }
);

TEST(trigger_spec, says_that_the_cluster_is_missing) {
    const auto parsed = parse_trigger({{"metric", "sessions"}}, default_window);
    ASSERT_TRUE(std::holds_alternative<metadata_error>(parsed));
    EXPECT_THAT(std::get<metadata_error>(parsed).text, HasSubstr("cluster: missing"));
}

TEST(trigger_spec, shows_no_more_than_the_beginning_of_a_huge_value) {
    const auto parsed =
        parse_trigger({{"cluster", "app"}, {"metric", std::string(5'000, 'x')}}, default_window);
    ASSERT_TRUE(std::holds_alternative<metadata_error>(parsed));
    EXPECT_LT(std::get<metadata_error>(parsed).text.size(), 200U);
}

} // namespace
} // namespace wakegate::scaler
