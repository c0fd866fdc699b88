#pragma once

#include "scaler/state/manual_orders.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace wakegate::scaler {

/// Orders are posted below it: "/clusters/NAME/wake?for=30m".
inline constexpr std::string_view orders_prefix = "/clusters/";

/// How long an order may last.
struct period_limits {
    milliseconds default_period{0}; ///< without `for`
    milliseconds max_period{0};     ///< 0: the order takes no `for`
};

[[nodiscard]] period_limits period_bounds(order_kind kind) noexcept;

/// Why an order is refused.
struct order_refusal {
    unsigned status = 400;              ///< HTTP
    std::string_view label = "invalid"; ///< for the metric; a literal
    std::string text;                   ///< for the operator
};

/// Parses a URL's path and its query without the question mark. Both are bounded, and names have no
/// control characters. A refusal's text quotes nothing of them, since they come from the network.
[[nodiscard]] std::variant<manual_order, order_refusal>
parse_order(std::string_view path, std::string_view query);

/// The path and query that `parse_order` reads back.
[[nodiscard]] std::string to_target(const manual_order& order);

/// How long an order of this kind lasts, or why `text` is not valid.
[[nodiscard]] std::variant<milliseconds, std::string>
parse_order_period(order_kind kind, std::string_view text);

} // namespace wakegate::scaler
