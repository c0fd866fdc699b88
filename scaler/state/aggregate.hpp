#pragma once

#include "common/clock.hpp"
#include "scaler/state/demand_report.hpp"
#include "scaler/state/manual_orders.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::scaler {

struct aggregate_settings {
    /// How many proxies must hold a lease before "no demand" is conclusive.
    std::uint32_t expected_proxies = 1;
    /// `expected_proxies` was configured: then that many snapshots end the settling early.
    bool expected_is_stated = false;
    milliseconds settle_time{15'000};
    milliseconds grace{60'000};
};

enum class proxy_change_kind { joined, left, lapsed, forgotten };

struct proxy_change {
    proxy_change_kind kind;
    std::string proxy_id;
    std::string proxy_name;
};

/// The effect of a report.
struct apply_result {
    bool request_snapshot = false;  ///< the proxy's snapshot is missing
    std::uint64_t acknowledged = 0; ///< its highest sequence number so far
    std::optional<proxy_change> change;
};

/// Demand for one cluster, summed over every proxy with a lease or in grace.
struct cluster_view {
    bool reported = false; ///< by some proxy since the start
    gate_state state = gate_state::unknown;
    std::uint64_t held = 0;
    std::uint64_t busy = 0;
    std::uint64_t idle = 0;
    std::uint64_t counted_idle = 0; ///< of `idle`, those that keep the cluster awake
    bool waking = false;
    bool unserved = false; ///< clients wait at a proxy where the cluster is not ready
    std::optional<time_point> last_activity;
    orders_in_force orders; ///< filled in by the board
};

struct proxy_view {
    std::string proxy_id;
    std::string proxy_name;
    bool has_snapshot = false;  ///< its snapshot has arrived
    milliseconds lease_left{0}; ///< negative: since the lapse
    std::uint64_t sequence = 0;
};

/// Fewer proxies than expected hold a lease: then "no demand" is never conclusive.
struct proxy_shortage {
    std::uint32_t expected = 0;
    std::uint32_t leased = 0;
};

/// The proxies' reports at one replica. States of a proxy:
///
///     (first message) → unreported → (snapshot) → leased ⇄ lapsed → (grace over) → forgotten
///                                                   └── leaving → left → (grace over) → forgotten
///
/// A lapsed proxy's counts are kept until its grace is over. With a forgotten or leaving proxy its
/// counts go; the last activity of its clusters stays.
///
/// Pure: time comes in as an argument and may step back by the jitter between threads.
class aggregate {
public:
    aggregate(const aggregate_settings& settings, time_point started);

    [[nodiscard]] apply_result apply(const demand_report& report, time_point now);
    /// Forgets proxies whose grace is over; returns them, and those that lapsed since the last
    /// call.
    [[nodiscard]] std::vector<proxy_change> expire(time_point now);

    [[nodiscard]] cluster_view view(std::string_view cluster, time_point now) const;

    /// The replica has started recently, and proxies may not have reported yet.
    [[nodiscard]] bool is_settling(time_point now) const {
        return settling_reason(now).has_value();
    }

    /// Proxies that have reported and hold a lease.
    [[nodiscard]] std::uint32_t leased(time_point now) const;
    /// nullopt while settling, and when there are enough.
    [[nodiscard]] std::optional<proxy_shortage> shortage(time_point now) const;
    /// Why reports may be missing; nullopt when all expected proxies have reported.
    [[nodiscard]] std::optional<std::string> incomplete_reason(time_point now) const;
    /// Why "no demand" for `cluster` is inconclusive; nullopt when it is conclusive.
    [[nodiscard]] std::optional<std::string>
    inconclusive_reason(std::string_view cluster, time_point now) const;

    /// Reported by some proxy since the start.
    [[nodiscard]] bool is_reported(std::string_view cluster) const {
        return clusters_.contains(cluster);
    }

    /// All that were reported, in alphabetical order.
    [[nodiscard]] std::vector<std::string> clusters() const;
    [[nodiscard]] std::vector<proxy_view> proxies(time_point now) const;

private:
    struct proxy_record {
        std::string name;
        std::uint64_t sequence = 0;
        bool has_snapshot = false;
        bool left = false; ///< kept so that a late message does not re-create it
        bool lapse_reported = false;
        time_point lease_until;
        std::map<std::string, cluster_demand, std::less<>> clusters;
    };

    struct cluster_record {
        std::optional<time_point> last_activity;
    };

    [[nodiscard]] bool is_over(const proxy_record& proxy, time_point now) const;
    [[nodiscard]] bool counts(const proxy_record& proxy, time_point now) const;
    void store_report(proxy_record& proxy, const demand_report& report, time_point now);
    void record_activity(const cluster_demand& demand, time_point now);
    [[nodiscard]] std::optional<std::string> settling_reason(time_point now) const;

    aggregate_settings settings_;
    time_point started_;
    std::map<std::string, proxy_record, std::less<>> proxies_;
    std::map<std::string, cluster_record, std::less<>> clusters_;
};

} // namespace wakegate::scaler
