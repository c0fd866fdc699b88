#include "common/configuration_error.hpp"
#include "common/yaml_map.hpp"
#include "scaler/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wakegate::scaler {
namespace {

using ::testing::HasSubstr;

config read(const std::string& text) {
    return read_config(yaml_map::parse(text, "scaler.yaml"));
}

TEST(config, has_a_default_for_everything) {
    const auto settings = read("{}");
    EXPECT_EQ(to_string(settings.listen), "127.0.0.1:9411");
    EXPECT_FALSE(settings.admin);
    EXPECT_EQ(settings.log_format, log::format::text);
    EXPECT_EQ(settings.log_level, log::level::info);
    EXPECT_EQ(settings.board.proxies.expected_proxies, 1U);
    EXPECT_FALSE(settings.board.proxies.expected_is_stated);
    EXPECT_EQ(settings.board.proxies.settle_time, seconds(15));
    EXPECT_EQ(settings.board.proxies.grace, seconds(60));
    EXPECT_EQ(settings.board.activity_window, seconds(60));
    EXPECT_EQ(settings.board.pace.repeat_first, seconds(2));
    EXPECT_EQ(settings.board.pace.repeat_lowest, seconds(5));
    EXPECT_EQ(settings.board.pace.repeat_highest, seconds(10));
    EXPECT_EQ(settings.drain_timeout, seconds(5));
}

TEST(config, warns_of_times_that_take_silence_for_the_absence_of_demand) {
    const auto warned = read("settle_time: 0s\ngrace: 0s\n").warnings;
    ASSERT_EQ(warned.size(), 2U);
    EXPECT_EQ(warned[0].place, "scaler.yaml:1:14");
    EXPECT_THAT(warned[0].text, HasSubstr("settle_time: 0s lets the first proxy that reports"));
    EXPECT_EQ(warned[1].place, "scaler.yaml:2:8");
    EXPECT_THAT(warned[1].text, HasSubstr("grace: 0s forgets what a proxy's clients want"));
    EXPECT_TRUE(read("settle_time: 0s\nexpected_proxies: 2\n").warnings.empty());
    EXPECT_TRUE(read("{}").warnings.empty());
}

TEST(config, reads_every_key) {
    const auto settings = read(R"(
listen: "[::1]:1"
admin: {address: "127.0.0.1:2"}
log: {format: json, level: debug}
expected_proxies: 1
settle_time: 1s
grace: 2s
activity_window: 3s
repeat_first: 4s
repeat_lowest: 5s
repeat_highest: 6s
drain_timeout: 7s
)");
    EXPECT_EQ(to_string(settings.listen), "[::1]:1");
    EXPECT_EQ(to_string(settings.admin.value().address), "127.0.0.1:2");
    EXPECT_EQ(settings.admin->token_file, "");
    EXPECT_EQ(settings.log_format, log::format::json);
    EXPECT_EQ(settings.log_level, log::level::debug);
    EXPECT_TRUE(settings.board.proxies.expected_is_stated);
    EXPECT_EQ(settings.board.proxies.settle_time, seconds(1));
    EXPECT_EQ(settings.board.proxies.grace, seconds(2));
    EXPECT_EQ(settings.board.activity_window, seconds(3));
    EXPECT_EQ(settings.board.pace.repeat_first, seconds(4));
    EXPECT_EQ(settings.board.pace.repeat_lowest, seconds(5));
    EXPECT_EQ(settings.board.pace.repeat_highest, seconds(6));
    EXPECT_EQ(settings.drain_timeout, seconds(7));
}

struct bad_config {
    std::string name;
    std::string text;
    std::string message;
};

class config_errors : public ::testing::TestWithParam<bad_config> {};

TEST_P(config_errors, is_refused) {
    const auto& bad = GetParam();
    try {
        static_cast<void>(read(bad.text));
        FAIL() << "accepted";
    } catch (const configuration_error& failure) {
        EXPECT_THAT(failure.what(), HasSubstr("scaler.yaml:1"));
        EXPECT_THAT(failure.what(), HasSubstr(bad.message));
    }
}

INSTANTIATE_TEST_SUITE_P(
    config,
    config_errors,
    ::testing::Values(
        bad_config{"unknown_key", "grase: 60s", "grace"},
        bad_config{"unknown_key_in_log", "log: {formt: text}", "format"},
        bad_config{"unknown_key_in_admin", "admin: {adress: \"127.0.0.1:1\"}", "address"},
        bad_config{"no_port", "listen: localhost", "listen"},
        bad_config{"no_proxies", "expected_proxies: 0", "expected_proxies"},
        bad_config{"short_window", "activity_window: 500ms", "activity_window"},
        bad_config{"flood", "repeat_first: 1ms", "repeat_first"},
        bad_config{"no_unit", "settle_time: 15", "settle_time"},
        bad_config{"crossed", "{repeat_lowest: 9s, repeat_highest: 8s}", "repeat_lowest 9s"},
        bad_config{"bad_level", "log: {level: loud}", "level"}
    ),
    [](const auto& instance) { return instance.param.name; }
);

} // namespace
} // namespace wakegate::scaler
