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
    time_point last_call;                ///< of any kind
    std::optional<time_point> last_poll; ///< its last IsActive, or a GetMetrics that was refused
    std::optional<time_point> last_active_answer; ///< by that or by a push: KEDA's LastActiveTime
};

/// The triggers of KEDA's calls, by cluster and ScaledObject, for status pages and forecasts. A
/// trigger without a call for `remembered` is forgotten: its object is gone, or asks about another
/// cluster. No clock: `now` comes in. One thread.
class known_triggers {
public:
    /// KEDA polls every 30 s by default.
    static constexpr milliseconds remembered{600'000};
    /// More are not remembered: any client may invent names.
    static constexpr std::size_t max_triggers = 10'000;
    /// Of a cluster or an object, in bytes. In Kubernetes a name has 253 at most, a namespace 63.
    static constexpr std::size_t max_name_length = 512;

    /// Replaces its last trigger for this cluster.
    void remember(const std::string& scaled_object, const trigger_spec& trigger, time_point now);
    /// A poll with a remembered trigger, and its answer.
    void record_poll(
        const std::string& scaled_object,
        const std::string& cluster,
        scaler_answer answer,
        time_point now
    );
    /// A push for a remembered trigger.
    void record_push(const std::string& scaled_object, const std::string& cluster, time_point now);

    [[nodiscard]] std::vector<known_trigger>
    for_cluster(const std::string& cluster, time_point now) const;
    /// The clusters that ScaledObjects ask about.
    [[nodiscard]] std::set<std::string, std::less<>> clusters(time_point now) const;

private:
    void forget_old(time_point now);
    [[nodiscard]] known_trigger* find(const std::string& scaled_object, const std::string& cluster);

    /// By cluster and object.
    std::map<std::pair<std::string, std::string>, known_trigger> entries_;
};

} // namespace wakegate::scaler
