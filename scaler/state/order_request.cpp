#include "scaler/state/order_request.hpp"

#include "common/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace wakegate::scaler {
namespace {

constexpr std::size_t max_name_length = 256; // as proxies may report
constexpr std::array kinds{order_kind::wake, order_kind::keep_awake, order_kind::sleep_now};

order_refusal not_found() {
    return {
        .status = 404,
        .label = "invalid",
        .text = "no such order; POST /clusters/NAME/wake, /clusters/NAME/keep-awake or "
                "/clusters/NAME/sleep-now",
    };
}

order_refusal invalid(std::string text) {
    return {.status = 400, .label = "invalid", .text = std::move(text)};
}

std::optional<std::string> percent_decode(std::string_view encoded) {
    std::string decoded;
    for (std::size_t at = 0; at < encoded.size(); ++at) {
        if (encoded[at] != '%') {
            decoded += encoded[at];
            continue;
        }
        const auto digits = encoded.substr(at + 1, 2);
        unsigned char byte = 0;
        const auto* const end = digits.data() + digits.size();
        const auto [rest, error] = std::from_chars(digits.data(), end, byte, 16);
        if (digits.size() != 2 || error != std::errc{} || rest != end) {
            return std::nullopt;
        }
        decoded += static_cast<char>(byte);
        at += 2;
    }
    return decoded;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view safe =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string encoded;
    for (const char byte : text) {
        if (safe.find(byte) != std::string_view::npos) {
            encoded += byte;
        } else {
            encoded += fmt::format("%{:02X}", static_cast<unsigned char>(byte));
        }
    }
    return encoded;
}

std::optional<order_kind> kind_of(std::string_view word) {
    const auto* const found =
        std::ranges::find_if(kinds, [&](auto kind) { return to_string(kind) == word; });
    return found == kinds.end() ? std::nullopt : std::optional(*found);
}

bool is_name(std::string_view name) {
    const auto is_control = [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; };
    return !name.empty() && name.size() <= max_name_length &&
           std::ranges::none_of(name, is_control);
}

std::variant<milliseconds, order_refusal> parse_query(order_kind kind, std::string_view query) {
    if (query.empty()) {
        return period_bounds(kind).default_period;
    }
    constexpr std::string_view key = "for=";
    const auto value = query.starts_with(key) && query.find('&') == std::string_view::npos
                           ? percent_decode(query.substr(key.size()))
                           : std::nullopt;
    if (!value) {
        return invalid("the query may say for=DURATION, once, and nothing else");
    }
    auto period = parse_order_period(kind, *value);
    if (auto* const wrong = std::get_if<std::string>(&period)) {
        return invalid(std::move(*wrong));
    }
    return std::get<milliseconds>(period);
}

} // namespace

period_limits period_bounds(order_kind kind) noexcept {
    using std::chrono::hours;
    using std::chrono::minutes;
    switch (kind) {
    case order_kind::wake:
        return {.default_period = minutes(30), .max_period = hours(24)};
    case order_kind::keep_awake:
        return {.default_period = hours(8), .max_period = hours(24 * 7)};
    case order_kind::sleep_now:
        break;
    }
    return {};
}

std::variant<milliseconds, std::string> parse_order_period(order_kind kind, std::string_view text) {
    constexpr milliseconds shortest = seconds(1);
    const auto longest = period_bounds(kind).max_period;
    if (longest == milliseconds(0)) {
        return fmt::format("{} takes no duration", to_string(kind));
    }
    const auto period = parse_duration(text);
    if (!period || *period < shortest || *period > longest) {
        return fmt::format(
            "{} may last from {} to {}: a number and a unit, like 30m",
            to_string(kind),
            format_duration(shortest),
            format_duration(longest)
        );
    }
    return *period;
}

std::variant<manual_order, order_refusal>
parse_order(std::string_view path, std::string_view query) {
    if (!path.starts_with(orders_prefix)) {
        return not_found();
    }
    const auto rest = path.substr(orders_prefix.size());
    const auto slash = rest.find('/');
    const auto kind =
        slash == std::string_view::npos ? std::nullopt : kind_of(rest.substr(slash + 1));
    if (!kind) {
        return not_found();
    }
    auto name = percent_decode(rest.substr(0, slash));
    if (!name || !is_name(*name)) {
        return invalid(fmt::format(
            "a cluster's name has 1 to {} bytes and no control characters", max_name_length
        ));
    }
    auto period = parse_query(*kind, query);
    if (auto* const wrong = std::get_if<order_refusal>(&period)) {
        return std::move(*wrong);
    }
    return manual_order{
        .kind = *kind, .cluster = *std::move(name), .period = std::get<milliseconds>(period)
    };
}

std::string to_target(const manual_order& order) {
    auto target =
        fmt::format("{}{}/{}", orders_prefix, percent_encode(order.cluster), to_string(order.kind));
    if (order.period > milliseconds(0)) {
        target += "?for=" + format_duration(order.period);
    }
    return target;
}

} // namespace wakegate::scaler
