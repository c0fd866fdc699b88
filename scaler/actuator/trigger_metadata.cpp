#include "scaler/actuator/trigger_metadata.hpp"

#include "common/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace wakegate::actuator {
namespace {

constexpr std::uint64_t max_sessions_per_replica = 1'000'000;

/// The scaler's keys, as in scaler/README.md.
constexpr std::array<std::string_view, 11> known_keys{
    "cluster",
    "activityWindow",
    "metric",
    "sessionsPerReplica",
    "cooldownPeriod",
    "pollingInterval",
    "keepAwake",
    "timezone",
    "scalerAddress",
    "enableTLS",
    "unsafeSsl",
};

/// Seconds as in a ScaledObject, or a duration.
void check_seconds(const yaml_map& metadata, std::string_view key, milliseconds lowest) {
    const auto written = metadata.text(key, "1");
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (written.empty() || !std::all_of(written.begin(), written.end(), is_digit)) {
        static_cast<void>(metadata.period(key, milliseconds(0), lowest));
        return;
    }
    const auto value = parse_duration(written + "s");
    if (!value || *value < lowest) {
        metadata.fail(
            key,
            fmt::format(
                "'{}': write seconds like 30, or a duration like 30s, at least {}",
                written,
                format_duration(lowest)
            )
        );
    }
}

} // namespace

trigger_metadata read_trigger_metadata(const yaml_map& metadata) {
    trigger_metadata result;
    for (const auto key : known_keys) {
        if (metadata.has(key)) {
            result.emplace(key, metadata.text(key, ""));
        }
    }
    metadata.reject_unknown_keys();
    if (metadata.text("cluster", "").empty()) {
        metadata.fail("cluster", "is required: the name of a cluster in the proxies' clusters");
    }
    static_cast<void>(metadata.period("activityWindow", seconds(60), seconds(1)));
    static_cast<void>(metadata.choice("metric", "held+busy", {"held+busy", "sessions"}));
    static_cast<void>(metadata.number("sessionsPerReplica", 100, 1, max_sessions_per_replica));
    check_seconds(metadata, "cooldownPeriod", milliseconds(0));
    check_seconds(metadata, "pollingInterval", milliseconds(100));
    return result;
}

trigger_metadata metadata_to_send(const scaled_object_settings& object) {
    auto metadata = object.metadata;
    metadata.emplace("cooldownPeriod", format_duration(object.policy.cooldown_period));
    metadata.emplace("pollingInterval", format_duration(object.polling_interval));
    return metadata;
}

} // namespace wakegate::actuator
