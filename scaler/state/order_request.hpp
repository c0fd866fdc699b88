#pragma once

#include "scaler/state/manual_orders.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace wakegate::scaler {

/// Where orders are posted: "/clusters/NAME/wake?for=30m".
inline constexpr std::string_view orders_prefix = "/clusters/";

/// How long an order may hold.
struct period_limits {
    milliseconds standard{0}; ///< without `for`
    milliseconds longest{0};  ///< 0: the order takes no `for`
};

[[nodiscard]] period_limits period_bounds(order_kind kind) noexcept;

/// Why an order is not taken.
struct order_refusal {
    unsigned status = 400;              ///< of HTTP
    std::string_view label = "invalid"; ///< for the metric; a literal
    std::string text;                   ///< for whoever gave it
};

/// Reads a URL's path and, without the question mark, its query. Both come from the network: they
/// are bounded, and a name has no control characters. A refusal holds nothing of them.
[[nodiscard]] std::variant<manual_order, order_refusal>
parse_order(std::string_view path, std::string_view query);

/// The path and query that `parse_order` reads back.
[[nodiscard]] std::string to_target(const manual_order& order);

/// How long an order of this kind shall hold; otherwise what is wrong with `text`.
[[nodiscard]] std::variant<milliseconds, std::string>
parse_order_period(order_kind kind, std::string_view text);

} // namespace wakegate::scaler
