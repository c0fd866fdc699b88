#include "scaler/actuator/scale_decision.hpp"

#include <algorithm>

namespace wakegate::actuator {
namespace {

scale_decision
decide_active(const scaling_policy& policy, const target_state& target, bool error) noexcept {
    const bool below_minimum = policy.idle_replicas && target.replicas < policy.min_replicas;
    if (target.replicas == 0 || below_minimum || target.state_unknown) {
        return {.scale_to = std::max<std::uint32_t>(policy.min_replicas, 1)};
    }
    return {.refresh_last_active = !error};
}

scale_decision
decide_inactive(const scaling_policy& policy, const target_state& target, time_point now) noexcept {
    if (const auto allowed_from = scale_in_allowed_from(policy, target)) {
        if (now <= *allowed_from) {
            return {};
        }
        return {.scale_to = policy.idle_replicas.value_or(0)};
    }
    if (!policy.idle_replicas && target.replicas < policy.min_replicas) {
        return {.scale_to = policy.min_replicas};
    }
    return {};
}

} // namespace

std::optional<time_point>
scale_in_allowed_from(const scaling_policy& policy, const target_state& target) noexcept {
    const bool above_idle =
        policy.idle_replicas && (target.replicas > *policy.idle_replicas || target.state_unknown);
    const bool may_run = target.replicas > 0 || target.state_unknown;
    if (!above_idle && (!may_run || policy.min_replicas > 0)) {
        return std::nullopt;
    }
    if (target.last_active) {
        return *target.last_active + policy.cooldown_period;
    }
    return target.created + policy.initial_cooldown_period;
}

scale_decision decide(
    const scaling_policy& policy, const target_state& target, activity seen, time_point now
) noexcept {
    if (seen.active) {
        return decide_active(policy, target, seen.error);
    }
    if (seen.error) {
        return {};
    }
    return decide_inactive(policy, target, now);
}

} // namespace wakegate::actuator
