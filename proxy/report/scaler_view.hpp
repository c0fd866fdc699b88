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

/// What whoever scales a cluster is told when it asks. In the order in which one replica's answer
/// counts before another's.
enum class scaler_answer : std::uint8_t { idle, unknown, active };

[[nodiscard]] std::string_view to_string(scaler_answer answer) noexcept;

/// How a cluster stands with one scaler replica, or with all of them together.
struct cluster_status_at_scaler {
    scaler_answer answer = scaler_answer::unknown;
    std::string reason; ///< of the answer, in the scaler's words
    /// ScaledObjects that asked about the cluster lately or have a stream open. Of 0 nobody wakes
    /// it. Of several replicas the most, for one ScaledObject may ask each of them.
    std::size_t scaled_objects = 0;
    /// When the cluster has no demand left, if nothing happens; absent while somebody waits or
    /// works, and when it has none.
    std::optional<time_point> idle_at;
    /// When the cluster may be stopped, if nothing happens; absent while that can't be told.
    std::optional<time_point> sleeps_at;
    time_point received_at{}; ///< when the replica said so; of several replicas the latest

    friend bool
    operator==(const cluster_status_at_scaler&, const cluster_status_at_scaler&) = default;
};

/// What the scaler replicas have said last of each cluster, as long as they are connected. For
/// people, and for what held clients are told; nothing is decided by it. Lives on one thread.
class scaler_view {
public:
    void
    update(const std::string& replica, const std::string& cluster, cluster_status_at_scaler status);
    /// `count`: proxies that hold a lease at this replica, this one included.
    void set_proxies(const std::string& replica, std::size_t count);
    /// Its stream is over: it may have changed its mind.
    void forget(const std::string& replica);

    /// By all replicas together; nothing when none has said anything of this cluster. A replica
    /// that nobody asks tells nobody its answer, so it counts only where nobody asks any. Then
    /// active wins over unknown, and unknown over idle; of those who say the same the latest time
    /// counts, and none as soon as one of them can't tell it.
    [[nodiscard]] std::optional<cluster_status_at_scaler> for_cluster(std::string_view cluster
    ) const;

    /// The most that a connected replica knows of; 0 when none has said.
    [[nodiscard]] std::size_t proxies() const noexcept;

private:
    using by_replica = std::map<std::string, cluster_status_at_scaler>;

    std::map<std::string, by_replica, std::less<>> statuses_;
    std::map<std::string, std::size_t> proxies_;
};

} // namespace wakegate::proxy
