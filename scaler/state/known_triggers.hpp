#pragma once

#include "common/clock.hpp"
#include "scaler/state/trigger.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wakegate::scaler {

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
    static constexpr std::size_t longest_name = 512;

    /// `scaled_object` as "namespace/name"; its last trigger for this cluster stands.
    void remember(const std::string& scaled_object, const trigger& asked, time_point now);

    [[nodiscard]] std::vector<trigger> of(const std::string& cluster, time_point now) const;

private:
    struct entry {
        trigger asked;
        time_point seen;
    };

    void forget_old(time_point now);

    std::map<std::pair<std::string, std::string>, entry> entries_; ///< by cluster and object
};

} // namespace wakegate::scaler
