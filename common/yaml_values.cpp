// yaml_map's conversions of text: to numbers, durations, addresses, files.
#include "common/input_file.hpp"
#include "common/units.hpp"
#include "common/yaml_map.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace wakegate {
namespace {

std::string not_a_duration(std::string_view written) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!written.empty() && std::all_of(written.begin(), written.end(), is_digit)) {
        return fmt::format("'{0}' needs a unit: {0}ms, {0}s, {0}m or {0}h", written);
    }
    return fmt::format("'{}' is not a duration; write it like 250ms, 10s, 5m or 1h", written);
}

} // namespace

std::string yaml_map::file(std::string_view key) const {
    auto found = path(key);
    if (found.empty()) {
        return found;
    }
    if (const auto readable = check_readable(found); !readable) {
        fail(key, readable.error().text + "; give a file that this program may read");
    }
    return found;
}

std::string yaml_map::folder(std::string_view key) const {
    auto found = path(key);
    if (found.empty()) {
        return found;
    }
    if (const auto listable = check_listable(found); !listable) {
        fail(key, listable.error().text + "; give a folder that this program may read");
    }
    return found;
}

bool yaml_map::flag(std::string_view key, bool fallback) const {
    return choice(key, fallback ? "true" : "false", {"true", "false"}) == "true";
}

std::uint64_t yaml_map::number(
    std::string_view key, std::uint64_t fallback, std::uint64_t lowest, std::uint64_t highest
) const {
    note(
        key,
        {.type = value_type::number,
         .lowest = lowest,
         .highest = highest,
         .default_value = fmt::to_string(fallback)}
    );
    const auto written = scalar(key, fmt::to_string(fallback));
    std::uint64_t value = 0;
    const auto* const end = written.data() + written.size();
    const auto [rest, error] = std::from_chars(written.data(), end, value);
    if (error != std::errc{} || rest != end || value < lowest || value > highest) {
        fail(key, fmt::format("'{}' is not a number from {} to {}", written, lowest, highest));
    }
    return value;
}

std::optional<std::uint64_t>
yaml_map::optional_number(std::string_view key, std::uint64_t lowest, std::uint64_t highest) const {
    note(key, {.type = value_type::number, .lowest = lowest, .highest = highest});
    if (!has(key)) {
        return std::nullopt;
    }
    return number(key, lowest, lowest, highest);
}

milliseconds yaml_map::required_period(std::string_view key) const {
    note(key, {.type = value_type::period, .default_value = std::string(required)});
    if (!has(key)) {
        fail(key, "required, but missing or empty");
    }
    return period(key, milliseconds(0));
}

milliseconds
yaml_map::period(std::string_view key, milliseconds fallback, milliseconds lowest) const {
    note(
        key,
        {.type = value_type::period,
         .lowest = static_cast<std::uint64_t>(lowest.count()),
         .default_value = format_duration(fallback)}
    );
    const auto written = scalar(key, format_duration(fallback));
    const auto value = parse_duration(written);
    if (!value) {
        fail(key, not_a_duration(written));
    }
    if (*value < lowest) {
        fail(key, fmt::format("'{}' is too short; at least {}", written, format_duration(lowest)));
    }
    return *value;
}

std::uint64_t yaml_map::size(std::string_view key, std::uint64_t fallback) const {
    const auto written = text(key, fmt::to_string(fallback));
    const auto value = parse_size(written);
    if (!value) {
        fail(key, fmt::format("'{}' is not a size; write it like 4096, 64KiB or 16MiB", written));
    }
    return *value;
}

host_port yaml_map::parse_connect_address(std::string_view key, const std::string& written) const {
    auto value = parse_host_port(written);
    if (!value) {
        fail(key, describe_bad_host_port(written));
    }
    if (value->host == "*") {
        fail(key, "'*' is every address of this machine; name the one to connect to");
    }
    if (value->port == 0) {
        fail(key, fmt::format("'{}': there is no port 0; ports go from 1 to 65535", written));
    }
    return *std::move(value);
}

host_port yaml_map::required_address(std::string_view key) const {
    note(key, {.type = value_type::address, .default_value = std::string(required)});
    return parse_connect_address(key, required_scalar(key));
}

host_port yaml_map::address(std::string_view key, const host_port& fallback) const {
    note(key, {.type = value_type::address, .default_value = to_string(fallback)});
    return has(key) ? required_address(key) : fallback;
}

std::vector<host_port> yaml_map::addresses(std::string_view key) const {
    note(key, {.type = value_type::addresses});
    std::vector<host_port> values;
    for (const auto& written : texts(key, R"(["127.0.0.1:9411"])")) {
        values.push_back(parse_connect_address(key, written));
    }
    return values;
}

host_port yaml_map::required_listen_address(std::string_view key) const {
    note(key, {.type = value_type::listen_address, .default_value = std::string(required)});
    const auto written = required_scalar(key);
    auto value = parse_host_port(written);
    if (!value) {
        fail(
            key,
            describe_bad_host_port(written) +
                R"(, or "*:PORT", in quotes, for every address of this machine)"
        );
    }
    return *std::move(value);
}

std::optional<host_port> yaml_map::optional_listen_address(std::string_view key) const {
    note(key, {.type = value_type::listen_address});
    if (!has(key)) {
        return std::nullopt;
    }
    return required_listen_address(key);
}

host_port yaml_map::listen_address(std::string_view key, const host_port& fallback) const {
    note(key, {.type = value_type::listen_address, .default_value = to_string(fallback)});
    return has(key) ? required_listen_address(key) : fallback;
}

std::string yaml_map::choice(
    std::string_view key, std::string_view fallback, std::initializer_list<std::string_view> allowed
) const {
    note(
        key,
        {.type = value_type::choice,
         .choices = fmt::format("{}", fmt::join(allowed, " | ")),
         .default_value = std::string(fallback)}
    );
    auto value = scalar(key, fallback);
    check_choice(key, value, allowed);
    return value;
}

std::string yaml_map::required_choice(
    std::string_view key, std::initializer_list<std::string_view> allowed
) const {
    note(
        key,
        {.type = value_type::choice,
         .choices = fmt::format("{}", fmt::join(allowed, " | ")),
         .default_value = std::string(required)}
    );
    auto value = required_scalar(key);
    check_choice(key, value, allowed);
    return value;
}

void yaml_map::check_choice(
    std::string_view key, std::string_view value, std::initializer_list<std::string_view> allowed
) const {
    if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
        fail(key, fmt::format("'{}' is none of: {}", value, fmt::join(allowed, ", ")));
    }
}

} // namespace wakegate
