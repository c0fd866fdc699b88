#include "scaler/config.hpp"

#include "common/input_file.hpp"
#include "common/log_section.hpp"
#include "common/units.hpp"
#include "common/yaml_map.hpp"
#include "scaler/admin_token.hpp"

#include <fmt/format.h>

#include <limits>
#include <variant>

namespace wakegate::scaler {
namespace {

constexpr std::uint64_t max_expected_proxies = 10'000;

/// A token that others can read is only a warning: Kubernetes mounts Secrets so by default.
std::string read_token_file(const yaml_map& admin) {
    constexpr std::string_view key = "token_file";
    auto path = admin.path(key);
    if (path.empty()) {
        return path;
    }
    const auto token = admin_token::read_file(path);
    if (const auto* const error = std::get_if<token_error>(&token)) {
        admin.fail(key, error->reason);
    }
    if (const auto mode = mode_open_to_others(path)) {
        admin.warn(key, fmt::format("'{}' has {}: others can read it; chmod 600", path, *mode));
    }
    return path;
}

std::optional<admin_settings> read_admin(const yaml_map& file) {
    if (!file.has("admin")) {
        return std::nullopt;
    }
    const auto admin = file.map("admin", "{address: HOST:PORT}");
    if (!admin.has("address")) {
        admin.reject_unknown_keys(); // reports a misspelt key rather than a missing one
    }
    admin_settings settings{
        .address = admin.required_listen_address("address"), .token_file = read_token_file(admin)
    };
    admin.reject_unknown_keys();
    return settings;
}

aggregate_settings read_proxies(const yaml_map& file) {
    const aggregate_settings defaults;
    return {
        .expected_proxies = static_cast<std::uint32_t>(
            file.number("expected_proxies", defaults.expected_proxies, 1, max_expected_proxies)
        ),
        .expected_is_stated = file.has("expected_proxies"),
        .settle_time = file.period("settle_time", defaults.settle_time),
        .grace = file.period("grace", defaults.grace),
    };
}

/// Zeros are valid, but then a short silence already counts as no demand.
void warn_of_zero_times(const yaml_map& file, const aggregate_settings& proxies) {
    if (proxies.settle_time == milliseconds(0) && !proxies.expected_is_stated) {
        file.warn(
            "settle_time",
            "0s lets the first proxy that reports after a start speak for all, so clusters of the "
            "others may be stopped; give expected_proxies, or a settle_time like 15s"
        );
    }
    if (proxies.grace == milliseconds(0)) {
        file.warn(
            "grace",
            "0s forgets what a proxy's clients want as soon as it is silent, so their cluster may "
            "be stopped; give the time a proxy's restart may take, like 60s"
        );
    }
}

push_pace read_pace(const yaml_map& file) {
    const push_pace defaults;
    const milliseconds lowest(100); // a flood of pushes would keep KEDA busy and clusters awake
    const push_pace pace{
        .repeat_first = file.period("repeat_first", defaults.repeat_first, lowest),
        .repeat_lowest = file.period("repeat_lowest", defaults.repeat_lowest, lowest),
        .repeat_highest = file.period("repeat_highest", defaults.repeat_highest, lowest),
    };
    if (pace.repeat_highest < pace.repeat_lowest) {
        file.fail(
            "repeat_highest",
            "must not be below repeat_lowest " + format_duration(pace.repeat_lowest)
        );
    }
    return pace;
}

} // namespace

config read_config(const yaml_map& file) {
    config read;
    read.listen = file.listen_address("listen", {.host = "127.0.0.1", .port = 9411});
    read.admin = read_admin(file);
    const auto logging = read_log_settings(file.map("log"));
    read.log_format = logging.format;
    read.log_level = logging.level;
    read.board.proxies = read_proxies(file);
    warn_of_zero_times(file, read.board.proxies);
    read.board.pace = read_pace(file);
    read.board.activity_window =
        file.period("activity_window", read.board.activity_window, seconds(1));
    read.drain_timeout = file.period("drain_timeout", read.drain_timeout);
    file.reject_unknown_keys();
    read.warnings = file.warnings();
    return read;
}

config load_config(const std::string& path) {
    return read_config(yaml_map::load_file(path));
}

} // namespace wakegate::scaler
