#include "scaler/actuator/config.hpp"

#include "common/log_section.hpp"
#include "common/units.hpp"
#include "common/yaml_map.hpp"
#include "scaler/actuator/hook_program.hpp"
#include "scaler/actuator/trigger_metadata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <utility>

namespace wakegate::actuator {
namespace {

constexpr std::uint64_t max_replica_count = std::numeric_limits<std::uint32_t>::max();

std::uint32_t
replicas(const yaml_map& map, std::string_view key, std::uint32_t fallback, std::uint32_t lowest) {
    return static_cast<std::uint32_t>(map.number(key, fallback, lowest, max_replica_count));
}

/// `folder`: the configuration file's folder.
std::vector<std::string>
argv(const yaml_map& map, std::string_view key, const std::filesystem::path& folder) {
    auto words = map.texts(key, R"(["PROGRAM", "ARGUMENT"])");
    if (words.empty()) {
        return words;
    }
    if (words.front().empty()) {
        map.fail(key, "the first word is the program and can't be empty");
    }
    words.front() = resolve_program(words.front(), folder);
    const auto checked = check_program(words.front());
    if (!checked) {
        map.warn(key, checked.error().text);
    }
    return words;
}

std::map<std::string, std::string> environment(const yaml_map& map) {
    std::map<std::string, std::string> result;
    for (auto& [name, value] : map.named_texts("environment")) {
        if (name.empty() || name.find('=') != std::string::npos || name.starts_with("WAKEGATE_")) {
            map.fail(
                "environment",
                fmt::format("'{}' can't be set: names hold no '=' and WAKEGATE_ is ours", name)
            );
        }
        result.insert_or_assign(name, std::move(value));
    }
    return result;
}

hook_settings read_hooks(const yaml_map& map, const std::filesystem::path& folder) {
    constexpr milliseconds shortest(1);
    hook_settings hooks;
    hooks.start = argv(map, "start", folder);
    hooks.stop = argv(map, "stop", folder);
    hooks.status = argv(map, "status", folder);
    for (const auto* const key : {"start", "stop"}) {
        if (map.texts(key).empty()) {
            map.fail(key, "is required: a list of words, [\"program\", \"argument\"], no shell");
        }
    }
    hooks.start_timeout = map.period("start_timeout", hooks.start_timeout, shortest);
    hooks.stop_timeout = map.period("stop_timeout", hooks.stop_timeout, shortest);
    hooks.status_timeout = map.period("status_timeout", hooks.status_timeout, shortest);
    hooks.environment = environment(map);
    map.reject_unknown_keys();
    return hooks;
}

scaling_policy read_policy(const yaml_map& map) {
    scaling_policy policy;
    policy.cooldown_period = map.period("cooldown_period", policy.cooldown_period);
    policy.initial_cooldown_period = map.period("initial_cooldown_period", policy.cooldown_period);
    policy.min_replicas = replicas(map, "min_replicas", 0, 0);
    const auto max_replicas = replicas(map, "max_replicas", std::max(policy.min_replicas, 1U), 1);
    if (policy.min_replicas > max_replicas) {
        map.fail("min_replicas", fmt::format("can't be above max_replicas, {}", max_replicas));
    }
    const auto idle_replicas = map.optional_number("idle_replicas", 0, max_replica_count);
    if (idle_replicas) {
        const auto idle = static_cast<std::uint32_t>(*idle_replicas);
        // 0 and 0 means the same as no idle_replicas; KEDA's webhook would refuse it.
        if (idle >= policy.min_replicas && idle + policy.min_replicas > 0) {
            map.fail(
                "idle_replicas", fmt::format("must be below min_replicas, {}", policy.min_replicas)
            );
        }
        policy.idle_replicas = idle;
    }
    return policy;
}

/// KEDA's own advice: with polls this far apart, work that ends just before a poll gets no
/// cooldown.
void warn_of_long_polls(const yaml_map& map, const scaled_object_settings& object) {
    const auto cooldown = object.policy.cooldown_period;
    if (object.polling_interval * 3 <= cooldown) {
        return;
    }
    map.warn(
        map.has("polling_interval") ? "polling_interval" : "cooldown_period",
        fmt::format(
            "a poll each {} is {} cooldown_period, {}: what ends just before a poll may be stopped "
            "by the next one; keep polling_interval at a third of cooldown_period or below",
            format_duration(object.polling_interval),
            object.polling_interval > cooldown ? "longer than" : "too rare for",
            format_duration(cooldown)
        )
    );
}

scaled_object_settings read_scaled_object(
    const std::string& name, const yaml_map& map, const std::filesystem::path& folder
) {
    constexpr milliseconds shortest_poll(100);
    scaled_object_settings object;
    object.name = name;
    object.name_space = map.text("namespace", "default");
    object.polling_interval =
        map.period("polling_interval", object.polling_interval, shortest_poll);
    object.policy = read_policy(map);
    object.hooks = read_hooks(map.map("hooks"), folder);
    const auto metadata = map.map("metadata");
    map.reject_unknown_keys();
    object.metadata = read_trigger_metadata(metadata);
    warn_of_long_polls(map, object);
    return object;
}

} // namespace

actuator_config read_config(const yaml_map& map, const std::filesystem::path& folder) {
    constexpr milliseconds shortest_reconnect(100);
    constexpr milliseconds longest_reconnect(std::chrono::hours(1)); // gRPC counts in an int
    actuator_config config;
    config.scalers = map.addresses("scalers");
    if (config.scalers.empty()) {
        map.fail("scalers", "is required: a list like [\"127.0.0.1:9411\"]");
    }
    if (map.has("admin")) {
        const auto admin = map.map("admin", "{address: HOST:PORT}");
        config.admin = admin.required_listen_address("address");
        admin.reject_unknown_keys();
    }
    const auto logging = read_log_settings(map.map("log"));
    config.log_format = logging.format;
    config.log_level = logging.level;
    config.reconnect_max = map.period("reconnect_max", config.reconnect_max, shortest_reconnect);
    if (config.reconnect_max > longest_reconnect) {
        const auto written = map.required_text("reconnect_max");
        map.fail("reconnect_max", fmt::format("'{}' is too long; at most 1h", written));
    }
    for (const auto& [name, object] : map.named_maps("scaled_objects")) {
        config.scaled_objects.push_back(read_scaled_object(name, object, folder));
    }
    if (config.scaled_objects.empty()) {
        map.fail("scaled_objects", "is required: at least one object to start and stop");
    }
    map.reject_unknown_keys();
    config.warnings = map.warnings();
    return config;
}

namespace {

std::filesystem::path folder_of(const std::string& file) {
    return std::filesystem::absolute(file).parent_path();
}

} // namespace

actuator_config load_config(const std::string& path) {
    return read_config(yaml_map::load_file(path), folder_of(path));
}

actuator_config parse_config(const std::string& text, std::string file_name) {
    const auto folder = folder_of(file_name);
    return read_config(yaml_map::parse(text, std::move(file_name)), folder);
}

} // namespace wakegate::actuator
