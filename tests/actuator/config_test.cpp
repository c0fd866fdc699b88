#include "common/configuration_error.hpp"
#include "scaler/actuator/config.hpp"
#include "scaler/actuator/trigger_metadata.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::actuator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

std::string with_object(const std::string& keys) {
    return "scalers: [\"127.0.0.1:9411\"]\n"
           "scaled_objects:\n"
           "  app:\n"
           "    metadata: {cluster: app}\n"
           "    hooks: {start: [\"true\"], stop: [\"true\"]}\n" +
           keys;
}

TEST(config, has_kedas_defaults) {
    const auto config = parse_config(with_object(""), "actuator.yaml");
    EXPECT_EQ(config.reconnect_max, seconds(1));
    EXPECT_EQ(config.retries.stream_first, seconds(2));
    EXPECT_EQ(config.retries.stream_highest, seconds(60));
    EXPECT_FALSE(config.admin);
    const auto& app = config.scaled_objects.at(0);
    EXPECT_EQ(app.name_space, "default");
    EXPECT_EQ(app.polling_interval, seconds(30));
    EXPECT_EQ(app.policy.cooldown_period, seconds(300));
    EXPECT_EQ(app.policy.min_replicas, 0U);
    EXPECT_FALSE(app.policy.idle_replicas);
    EXPECT_EQ(app.hooks.start_timeout, seconds(60));
    EXPECT_TRUE(app.hooks.status.empty());
}

TEST(config, reads_every_key) {
    const auto config = parse_config(
        R"(scalers: ["10.0.0.1:1", "scaler:2"]
admin: {address: "127.0.0.1:9129"}
log: {format: json, level: debug}
reconnect_max: 120s
scaled_objects:
  app:
    namespace: local
    polling_interval: 10s
    cooldown_period: 60s
    initial_cooldown_period: 5m
    min_replicas: 3
    max_replicas: 3
    idle_replicas: 0
    metadata: {cluster: app, activityWindow: 60s}
    hooks:
      start: ["pg_ctl", "-D", "data", "start"]
      stop: ["pg_ctl", "stop"]
      status: ["pg_ctl", "status"]
      start_timeout: 10s
      stop_timeout: 20s
      status_timeout: 5s
      environment: {PGUSER: postgres}
  other:
    metadata: {cluster: other}
    hooks: {start: ["a"], stop: ["b"]}
)",
        "actuator.yaml"
    );
    EXPECT_THAT(config.scalers, ElementsAre(host_port{"10.0.0.1", 1}, host_port{"scaler", 2}));
    EXPECT_EQ(config.admin->port, 9129);
    EXPECT_EQ(config.log_format, log::format::json);
    EXPECT_EQ(config.log_level, log::level::debug);
    EXPECT_EQ(config.reconnect_max, seconds(120));
    ASSERT_EQ(config.scaled_objects.size(), 2U);
    const auto& app = config.scaled_objects.at(0);
    EXPECT_EQ(app.name, "app");
    EXPECT_EQ(app.policy.min_replicas, 3U);
    EXPECT_EQ(app.policy.idle_replicas, 0U);
    EXPECT_EQ(app.policy.initial_cooldown_period, seconds(300));
    EXPECT_THAT(app.metadata, ElementsAre(Pair("activityWindow", "60s"), Pair("cluster", "app")));
    EXPECT_THAT(app.hooks.start, ElementsAre("pg_ctl", "-D", "data", "start"));
    EXPECT_EQ(app.hooks.stop_timeout, seconds(20));
    EXPECT_THAT(app.hooks.environment, ElementsAre(Pair("PGUSER", "postgres")));
}

TEST(config, keeps_what_runs_at_its_start_for_the_cooldown) {
    const auto config = parse_config(with_object("    cooldown_period: 10m\n"), "actuator.yaml");
    EXPECT_EQ(config.scaled_objects.at(0).policy.initial_cooldown_period, seconds(600));
    const auto as_keda = parse_config(
        with_object("    cooldown_period: 10m\n    initial_cooldown_period: 0s\n"), "actuator.yaml"
    );
    EXPECT_EQ(as_keda.scaled_objects.at(0).policy.initial_cooldown_period, seconds(0));
}

TEST(config, takes_a_relative_program_from_its_own_folder) {
    const std::string hooks = "scalers: [\"a:1\"]\n"
                              "scaled_objects:\n"
                              "  app:\n"
                              "    metadata: {cluster: app}\n"
                              "    hooks: {start: [\"bin/start\"], stop: [\"true\"]}\n";
    const auto config = parse_config(hooks, "/etc/wakegate/actuator.yaml");
    EXPECT_THAT(config.scaled_objects.at(0).hooks.start, ElementsAre("/etc/wakegate/bin/start"));
    EXPECT_THAT(config.scaled_objects.at(0).hooks.stop, ElementsAre("true"));
}

std::vector<configuration_warning> warnings_of(const std::string& text) {
    return parse_config(text, "actuator.yaml").warnings;
}

TEST(config, without_a_flaw_has_no_warnings) {
    EXPECT_THAT(warnings_of(with_object("")), IsEmpty());
}

TEST(config, warns_of_polls_that_are_too_rare_for_the_cooldown) {
    const auto rare = warnings_of(with_object("    polling_interval: 2m\n"));
    ASSERT_EQ(rare.size(), 1U);
    EXPECT_EQ(rare[0].place, "actuator.yaml:6:23");
    EXPECT_THAT(rare[0].text, HasSubstr("a poll each 2m is too rare for cooldown_period, 5m"));
    const auto below = warnings_of(with_object("    cooldown_period: 10s\n"));
    ASSERT_EQ(below.size(), 1U);
    EXPECT_EQ(below[0].place, "actuator.yaml:6:22");
    EXPECT_THAT(below[0].text, HasSubstr("a poll each 30s is longer than cooldown_period, 10s"));
}

TEST(config, warns_of_a_program_that_is_not_there) {
    const std::string text = "scalers: [\"a:1\"]\n"
                             "scaled_objects:\n"
                             "  app:\n"
                             "    metadata: {cluster: app}\n"
                             "    hooks:\n"
                             "      start: [\"/nowhere/pg_ctl\"]\n"
                             "      stop: [\"true\"]\n";
    const auto warnings = warnings_of(text);
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_EQ(warnings[0].place, "actuator.yaml:6:14");
    EXPECT_EQ(
        warnings[0].text,
        "scaled_objects.app.hooks.start: /nowhere/pg_ctl does not exist; correct the path"
    );
}

std::string with_metadata(const std::string& metadata) {
    return "scalers: [\"a:1\"]\n"
           "scaled_objects:\n"
           "  app:\n"
           "    metadata: " +
           metadata +
           "\n"
           "    hooks: {start: [\"true\"], stop: [\"true\"]}\n";
}

TEST(config, reads_all_metadata_that_the_scaler_knows) {
    const auto config = parse_config(
        with_metadata("{cluster: app, activityWindow: 5m, metric: sessions, sessionsPerReplica: 7, "
                      "cooldownPeriod: 300, pollingInterval: 30s, scalerAddress: \"a:1\", "
                      "enableTLS: false, unsafeSsl: false}"),
        "actuator.yaml"
    );
    EXPECT_EQ(config.scaled_objects.at(0).metadata.size(), 9U);
}

TEST(config, leaves_schedules_to_the_scaler) {
    const auto text = with_metadata("{cluster: app, keepAwake: \"* * * * *\", timezone: UTC}");
    EXPECT_EQ(parse_config(text, "actuator.yaml").scaled_objects.at(0).metadata.size(), 3U);
}

TEST(config, gives_the_scaler_the_times_that_it_can_not_know) {
    auto config = parse_config(
        with_object("    cooldown_period: 10m\n    polling_interval: 20s\n"), "actuator.yaml"
    );
    auto& app = config.scaled_objects.at(0);
    EXPECT_THAT(
        metadata_to_send(app),
        ElementsAre(
            Pair("cluster", "app"), Pair("cooldownPeriod", "10m"), Pair("pollingInterval", "20s")
        )
    );
    app.metadata.emplace("cooldownPeriod", "60");
    EXPECT_EQ(metadata_to_send(app).at("cooldownPeriod"), "60") << "what is given stays";
}

struct bad_case {
    std::string name;
    std::string text;
    std::string expected;
};

class config_mistakes : public ::testing::TestWithParam<bad_case> {};

TEST_P(config_mistakes, is_refused_with_its_place) {
    try {
        static_cast<void>(parse_config(GetParam().text, "actuator.yaml"));
        FAIL() << "accepted";
    } catch (const configuration_error& problem) {
        const std::string message = problem.what();
        EXPECT_THAT(message, HasSubstr("actuator.yaml"));
        EXPECT_THAT(message, HasSubstr(GetParam().expected));
        EXPECT_EQ(message.find('\n'), std::string::npos);
    }
}

const std::string object_head = "scalers: [\"a:1\"]\nscaled_objects:\n  app:\n";

INSTANTIATE_TEST_SUITE_P(
    config,
    config_mistakes,
    ::testing::Values(
        bad_case{"no_scalers", "scaled_objects: {}\n", "scalers"},
        bad_case{"no_objects", "scalers: [\"a:1\"]\n", "scaled_objects"},
        bad_case{"unknown_key", with_object("    cooldown: 3s\n"), "cooldown_period"},
        bad_case{
            "no_unit",
            with_object("    polling_interval: 30\n"),
            "polling_interval: '30' needs a unit: 30ms, 30s, 30m or 30h"
        },
        bad_case{
            "no_cluster", with_metadata("{activityWindow: 60s}"), "metadata.cluster: is required"
        },
        bad_case{"no_metadata", with_metadata("{}"), "metadata.cluster: is required"},
        bad_case{
            "unknown_metadata",
            with_metadata("{cluster: app, activitywindow: 60s}"),
            "4:30: scaled_objects.app.metadata.activitywindow: unknown key; did you mean "
            "'activityWindow'?"
        },
        bad_case{
            "window_without_unit",
            with_metadata("{cluster: app, activityWindow: 5}"),
            "4:46: scaled_objects.app.metadata.activityWindow: '5' needs a unit: 5ms, 5s, 5m or 5h"
        },
        bad_case{
            "unknown_metric",
            with_metadata("{cluster: app, metric: cpu}"),
            "metadata.metric: 'cpu' is none of: held+busy, sessions"
        },
        bad_case{
            "no_sessions",
            with_metadata("{cluster: app, sessionsPerReplica: 0}"),
            "metadata.sessionsPerReplica: '0'"
        },
        bad_case{
            "bad_seconds",
            with_metadata("{cluster: app, cooldownPeriod: 5 min}"),
            "metadata.cooldownPeriod: '5 min'"
        },
        bad_case{
            "no_polling_at_all",
            with_metadata("{cluster: app, pollingInterval: 0}"),
            "metadata.pollingInterval: '0'"
        },
        bad_case{
            "empty_polling",
            with_metadata("{cluster: app, pollingInterval: \"\"}"),
            "metadata.pollingInterval: ''"
        },
        bad_case{
            "endless_cooldown",
            with_metadata("{cluster: app, cooldownPeriod: 99999999999999999999}"),
            "metadata.cooldownPeriod: '99999999999999999999'"
        },
        bad_case{"polls_too_often", with_object("    polling_interval: 1ms\n"), "polling_interval"},
        bad_case{
            "reconnects_too_late",
            "reconnect_max: 597h\n" + with_object(""),
            "reconnect_max: '597h' is too long; at most 1h"
        },
        bad_case{
            "min_above_max",
            with_object("    min_replicas: 3\n    max_replicas: 2\n"),
            "max_replicas"
        },
        bad_case{"no_max", with_object("    max_replicas: 0\n"), "max_replicas"},
        bad_case{
            "idle_not_below_min",
            with_object("    min_replicas: 1\n    idle_replicas: 1\n"),
            "below min_replicas, 1"
        },
        bad_case{"no_start_hook", object_head + "    hooks: {stop: [\"b\"]}\n", "start"},
        bad_case{"no_stop_hook", object_head + "    hooks: {start: [\"b\"]}\n", "stop"},
        bad_case{"no_hooks", object_head + "    namespace: local\n", "start"},
        bad_case{
            "nameless_program",
            object_head + "    hooks: {start: [\"\"], stop: [\"b\"]}\n",
            "first word"
        },
        bad_case{
            "reserved_variable",
            object_head +
                "    hooks: {start: [\"a\"], stop: [\"b\"], environment: {WAKEGATE_X: y}}\n",
            "WAKEGATE_X"
        },
        bad_case{
            "no_time_to_start",
            object_head + "    hooks: {start: [\"a\"], stop: [\"b\"], start_timeout: 0s}\n",
            "start_timeout"
        }
    ),
    [](const auto& tested) { return tested.param.name; }
);

} // namespace
} // namespace wakegate::actuator
