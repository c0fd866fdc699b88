#include "scaler/state/trigger.hpp"

#include "common/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <optional>
#include <string_view>

namespace wakegate::scaler {
namespace {

using problem = std::optional<metadata_error>;

constexpr std::string_view known_keys = "cluster, activityWindow, sessionsPerReplica, metric, "
                                        "cooldownPeriod, pollingInterval and KEDA's "
                                        "own scalerAddress, enableTLS, unsafeSsl";
constexpr std::uint32_t max_sessions_per_replica = 1'000'000;
constexpr std::size_t max_shown_value = 64;

problem bad_value(std::string_view key, std::string_view value, std::string_view allowed) {
    const auto shown = value.substr(0, max_shown_value);
    return metadata_error{
        .key = std::string(key), .text = fmt::format("metadata {}: '{}': {}", key, shown, allowed)
    };
}

problem read_cluster(std::string_view value, trigger_spec& into) {
    if (value.empty()) {
        return bad_value(
            "cluster", value, "must be the name of a cluster in the proxies' clusters"
        );
    }
    into.cluster = value;
    return std::nullopt;
}

problem read_activity_window(std::string_view value, trigger_spec& into) {
    const auto window = parse_duration(value);
    if (!window || *window < seconds(1)) {
        return bad_value(
            "activityWindow", value, "must be a duration of at least 1s, like 60s, 5m or 1h"
        );
    }
    into.activity_window = *window;
    return std::nullopt;
}

problem read_sessions_per_replica(std::string_view value, trigger_spec& into) {
    std::uint32_t number = 0;
    const auto* const end = value.data() + value.size();
    const auto [rest, error] = std::from_chars(value.data(), end, number);
    const bool is_number = error == std::errc{} && rest == end;
    if (!is_number || number < 1 || number > max_sessions_per_replica) {
        return bad_value("sessionsPerReplica", value, "must be a whole number from 1 to 1000000");
    }
    into.sessions_per_replica = number;
    return std::nullopt;
}

problem read_metric(std::string_view value, trigger_spec& into) {
    if (value == "held+busy") {
        into.metric = trigger_metric::held_and_busy;
    } else if (value == "sessions") {
        into.metric = trigger_metric::sessions;
    } else {
        return bad_value("metric", value, "must be one of held+busy, sessions");
    }
    return std::nullopt;
}

/// Seconds without a unit, as in a ScaledObject's spec, or a duration with one.
std::optional<milliseconds> parse_seconds(std::string_view value) {
    const bool is_plain = !value.empty() && std::ranges::all_of(value, [](char each) {
        return each >= '0' && each <= '9';
    });
    return parse_duration(is_plain ? std::string(value) + "s" : std::string(value));
}

problem read_cooldown_period(std::string_view value, trigger_spec& into) {
    into.cooldown_period = parse_seconds(value);
    if (!into.cooldown_period) {
        return bad_value(
            "cooldownPeriod",
            value,
            "must be the ScaledObject's cooldownPeriod, in seconds like 300, or like 5m"
        );
    }
    return std::nullopt;
}

problem read_polling_interval(std::string_view value, trigger_spec& into) {
    constexpr milliseconds shortest{100}; // the actuator's minimum; KEDA has whole seconds
    into.polling_interval = parse_seconds(value);
    if (!into.polling_interval || *into.polling_interval < shortest) {
        return bad_value(
            "pollingInterval",
            value,
            "must be the ScaledObject's pollingInterval, in seconds like 30, or like 30s; at least "
            "100ms"
        );
    }
    return std::nullopt;
}

problem ignore(std::string_view, trigger_spec&) {
    return std::nullopt;
}

struct key_reader {
    std::string_view key;
    problem (*read)(std::string_view value, trigger_spec& into);
};

constexpr std::array<key_reader, 9> readers{{
    {"cluster", read_cluster},
    {"activityWindow", read_activity_window},
    {"sessionsPerReplica", read_sessions_per_replica},
    {"metric", read_metric},
    {"cooldownPeriod", read_cooldown_period},
    {"pollingInterval", read_polling_interval},
    {"scalerAddress", ignore},
    {"enableTLS", ignore},
    {"unsafeSsl", ignore},
}};

problem read_key(std::string_view key, std::string_view value, trigger_spec& into) {
    for (const auto& reader : readers) {
        if (reader.key == key) {
            return reader.read(value, into);
        }
    }
    if (key == "keepAwake" || key == "timezone") {
        return bad_value(key, value, "schedules are not built yet; remove the key");
    }
    const auto shown_key = key.substr(0, max_shown_value);
    auto unknown =
        bad_value(shown_key, value, fmt::format("unknown key; allowed are {}", known_keys));
    unknown->key = "unknown"; // not a label: any client may invent the key
    return unknown;
}

} // namespace

std::variant<trigger_spec, metadata_error>
parse_trigger(const trigger_metadata& metadata, milliseconds default_window) {
    trigger_spec parsed;
    parsed.activity_window = default_window;
    for (const auto& [key, value] : metadata) {
        if (auto failure = read_key(key, value, parsed)) {
            return *std::move(failure);
        }
    }
    if (!metadata.contains("cluster")) {
        return metadata_error{
            .key = "cluster",
            .text =
                "metadata cluster: missing: must be the name of a cluster in the proxies' clusters"
        };
    }
    return parsed;
}

} // namespace wakegate::scaler
