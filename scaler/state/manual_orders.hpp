#pragma once

#include "common/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::scaler {

enum class order_kind : std::uint8_t {
    wake,       ///< start it now and keep it for `period`
    keep_awake, ///< while it is awake, don't let it sleep for `period`; starts nothing
    sleep_now,  ///< ends both; activity before it is ignored
};

/// "wake", "keep-awake", "sleep-now"
[[nodiscard]] std::string_view to_string(order_kind kind) noexcept;

struct manual_order {
    order_kind kind = order_kind::wake;
    std::string cluster;
    milliseconds period{0}; ///< none with `sleep_now`

    friend bool operator==(const manual_order&, const manual_order&) = default;
};

/// Operators' orders for one cluster that are in force.
struct orders_in_force {
    std::optional<time_point> wake_until;
    std::optional<time_point> keep_awake_until;
    std::optional<time_point> sleep_ordered; ///< activity until then is ignored
};

struct ended_order {
    order_kind kind;
    std::string cluster;
    bool is_expired; ///< otherwise `sleep_now` has ended it
};

/// Operators' orders by cluster; the last order of a kind counts. In memory alone: they end with
/// the replica. Callers admit known clusters only, which bounds it.
///
/// Pure: time comes in as an argument. One thread.
class manual_orders {
public:
    /// Returns the earlier orders that it ends.
    [[nodiscard]] std::vector<ended_order> apply(const manual_order& order, time_point now);

    [[nodiscard]] orders_in_force in_force(std::string_view cluster, time_point now) const;

    /// Those that have expired since the last call.
    [[nodiscard]] std::vector<ended_order> expire(time_point now);

private:
    std::map<std::string, orders_in_force, std::less<>> by_cluster_;
};

/// How long `until` is away, for people, rounded up: "45s", "12m", "7h 59m".
[[nodiscard]] std::string format_remaining(time_point until, time_point now);

} // namespace wakegate::scaler
