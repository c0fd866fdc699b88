#pragma once

#include "common/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// A scaler's answer to IsActive; the greater wins where replicas differ.
enum class scaler_answer : std::uint8_t { idle, unknown, active };

[[nodiscard]] std::string_view to_string(scaler_answer answer) noexcept;

/// One scaler replica's status of a cluster, or that of all replicas together.
struct cluster_status_at_scaler {
    scaler_answer answer = scaler_answer::unknown;
    std::string reason; ///< of the answer, as the scaler worded it
    /// ScaledObjects that polled lately or have a stream open; with 0 nobody wakes the cluster. Of
    /// several replicas the maximum, since one ScaledObject may ask each of them.
    std::size_t scaled_objects = 0;
    /// When the demand ends if nothing happens; absent while clients wait or work, and when there
    /// is no demand.
    std::optional<time_point> idle_at;
    /// When the cluster may be stopped if nothing happens; absent while that is unknown.
    std::optional<time_point> sleeps_at;
    time_point received_at{}; ///< of several replicas the latest

    friend bool
    operator==(const cluster_status_at_scaler&, const cluster_status_at_scaler&) = default;
};

/// The last status of each cluster from each connected scaler replica. For people: pages and the
/// notices that held clients get. Nothing is decided by it. One thread.
class scaler_view {
public:
    void
    update(const std::string& replica, const std::string& cluster, cluster_status_at_scaler status);
    /// `count`: proxies that hold a lease at this replica, this one included.
    void set_proxies(const std::string& replica, std::size_t count);
    /// Its stream has ended, so its statuses may be outdated.
    void forget(const std::string& replica);

    /// All replicas together; nullopt when none has sent a status of this cluster. A replica that
    /// no ScaledObject asks counts only where none asks any. Active wins over unknown, and unknown
    /// over idle. Among equal answers the latest time counts, and none if one of them has none.
    [[nodiscard]] std::optional<cluster_status_at_scaler> for_cluster(std::string_view cluster
    ) const;

    /// The maximum over the connected replicas; 0 without one.
    [[nodiscard]] std::size_t proxies() const noexcept;

private:
    using by_replica = std::map<std::string, cluster_status_at_scaler>;

    std::map<std::string, by_replica, std::less<>> statuses_;
    std::map<std::string, std::size_t> proxies_;
};

} // namespace wakegate::proxy
