#pragma once

#include "common/clock.hpp"
#include "scaler/state/activity_decision.hpp"
#include "scaler/state/trigger.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wakegate::scaler {

/// A ScaledObject that asks about a cluster.
struct known_trigger {
    std::string scaled_object; ///< "namespace/name"
    trigger_spec trigger;
    time_point seen;                     ///< any call of its
    std::optional<time_point> last_poll; ///< its last IsActive, or a GetMetrics that was refused
    std::optional<time_point> last_active_answer; ///< by that or by a push: KEDA's LastActiveTime
};

/// What KEDA asks with, by cluster and ScaledObject, so that operators can be told what KEDA is. A
/// trigger that nobody has asked with for `remembered` is forgotten: its object is gone, or asks
/// about another cluster. No clock: `now` comes in. One thread.
class known_triggers {
public:
    /// KEDA polls every 30 s unless told otherwise.
    static constexpr milliseconds remembered{600'000};
    /// Beyond, new ones are not remembered: names come from whoever reaches the port.
    static constexpr std::size_t most = 10'000;
    /// Of a cluster or an object, in bytes: Kubernetes' longest have 253, with a namespace of 63.
    static constexpr std::size_t max_name_length = 512;

    /// Its last trigger for this cluster stands.
    void remember(const std::string& scaled_object, const trigger_spec& trigger, time_point now);
    /// A poll of one that is remembered, and what it was told.
    void record_poll(
        const std::string& scaled_object,
        const std::string& cluster,
        scaler_answer answer,
        time_point now
    );
    /// A push to one that is remembered.
    void record_push(const std::string& scaled_object, const std::string& cluster, time_point now);

    [[nodiscard]] std::vector<known_trigger>
    for_cluster(const std::string& cluster, time_point now) const;
    /// The clusters that anybody asks about.
    [[nodiscard]] std::set<std::string, std::less<>> clusters(time_point now) const;

private:
    void forget_old(time_point now);
    [[nodiscard]] known_trigger* find(const std::string& scaled_object, const std::string& cluster);

    /// By cluster and object.
    std::map<std::pair<std::string, std::string>, known_trigger> entries_;
};

} // namespace wakegate::scaler
