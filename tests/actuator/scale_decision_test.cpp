#include "scaler/actuator/scale_decision.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>

namespace wakegate::actuator {

std::ostream& operator<<(std::ostream& out, const scale_decision& value) {
    out << (value.scale_to ? "scale to " + std::to_string(*value.scale_to) : "keep");
    return out << (value.refresh_last_active ? ", last active = now" : "");
}

namespace {

using std::nullopt;

constexpr milliseconds cooldown{300'000};
constexpr milliseconds initial_cooldown{600'000};
const time_point now = time_point{} + std::chrono::hours(100);

constexpr scale_decision keep{};
constexpr scale_decision refresh{.scale_to = nullopt, .refresh_last_active = true};

constexpr scale_decision scale_to(std::uint32_t replicas) {
    return {.scale_to = replicas, .refresh_last_active = false};
}

constexpr activity active{.active = true, .error = false};
constexpr activity inactive{.active = false, .error = false};
constexpr activity failed{.active = false, .error = true};
constexpr activity active_and_failed{.active = true, .error = true};

struct decision_case {
    std::string name;
    std::uint32_t min = 0;
    std::optional<std::uint32_t> idle;
    std::uint32_t replicas = 0;
    std::optional<milliseconds> inactive_for; ///< nullopt: never active
    milliseconds age{0};                      ///< since creation
    activity seen;
    scale_decision expected;
    bool state_unknown = false;
};

constexpr auto old = initial_cooldown + milliseconds(1);
constexpr auto cold = cooldown + milliseconds(1);

class scale_decision_cases : public ::testing::TestWithParam<decision_case> {};

TEST_P(scale_decision_cases, follows_the_executor) {
    const auto& tested = GetParam();
    const scaling_policy policy{
        .min_replicas = tested.min,
        .idle_replicas = tested.idle,
        .cooldown_period = cooldown,
        .initial_cooldown_period = initial_cooldown,
    };
    target_state target{
        .replicas = tested.replicas,
        .state_unknown = tested.state_unknown,
        .last_active = nullopt,
        .created = now - tested.age,
    };
    if (tested.inactive_for) {
        target.last_active = now - *tested.inactive_for;
    }
    EXPECT_EQ(decide(policy, target, tested.seen, now), tested.expected);
}

std::string name_of(const ::testing::TestParamInfo<decision_case>& info) {
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    scale_decision_active,
    scale_decision_cases,
    ::testing::Values(
        decision_case{"from_zero_to_one", 0, nullopt, 0, nullopt, old, active, scale_to(1)},
        decision_case{"from_zero_to_min", 3, nullopt, 0, nullopt, old, active, scale_to(3)},
        decision_case{"from_zero_soon_after_stop", 0, nullopt, 0, cold, old, active, scale_to(1)},
        decision_case{"running", 0, nullopt, 1, cold, old, active, refresh},
        decision_case{"running_many", 0, nullopt, 5, cold, old, active, refresh},
        decision_case{"below_min_without_idle", 3, nullopt, 1, cold, old, active, refresh},
        decision_case{"idle_zero_straight_to_min", 3, 0, 0, cold, old, active, scale_to(3)},
        decision_case{"from_idle_to_min", 3, 1, 1, cold, old, active, scale_to(3)},
        decision_case{"below_idle_to_min", 3, 2, 1, cold, old, active, scale_to(3)},
        decision_case{"at_min_with_idle", 3, 1, 3, cold, old, active, refresh},
        decision_case{
            "error_too_from_zero", 0, nullopt, 0, cold, old, active_and_failed, scale_to(1)
        },
        decision_case{"error_too_from_idle", 3, 1, 1, cold, old, active_and_failed, scale_to(3)},
        decision_case{"error_too_running", 0, nullopt, 1, cold, old, active_and_failed, keep}
    ),
    name_of
);

INSTANTIATE_TEST_SUITE_P(
    scale_decision_inactive,
    scale_decision_cases,
    ::testing::Values(
        decision_case{"at_zero", 0, nullopt, 0, cold, old, inactive, keep},
        decision_case{"cooled_down", 0, nullopt, 1, cold, old, inactive, scale_to(0)},
        decision_case{"exactly_at_cooldown", 0, nullopt, 1, cooldown, old, inactive, keep},
        decision_case{"within_cooldown", 0, nullopt, 1, milliseconds(0), old, inactive, keep},
        decision_case{"many_cooled_down", 0, nullopt, 7, cold, old, inactive, scale_to(0)},
        decision_case{"never_active_and_old", 0, nullopt, 1, nullopt, old, inactive, scale_to(0)},
        decision_case{
            "never_active_at_initial_cooldown",
            0,
            nullopt,
            1,
            nullopt,
            initial_cooldown,
            inactive,
            keep
        },
        decision_case{
            "never_active_and_new", 0, nullopt, 1, nullopt, milliseconds(1), inactive, keep
        },
        decision_case{
            "initial_cooldown_ends_with_activity", 0, nullopt, 1, cold, cold, inactive, scale_to(0)
        },
        decision_case{"min_is_kept", 1, nullopt, 1, cold, old, inactive, keep},
        decision_case{"above_min_is_kept", 2, nullopt, 5, cold, old, inactive, keep},
        decision_case{"below_min_is_raised", 2, nullopt, 1, cold, old, inactive, scale_to(2)},
        decision_case{"zero_is_raised_to_min", 2, nullopt, 0, nullopt, old, inactive, scale_to(2)},
        decision_case{
            "raise_needs_no_cooldown",
            2,
            nullopt,
            1,
            milliseconds(0),
            milliseconds(0),
            inactive,
            scale_to(2)
        },
        decision_case{"min_to_idle", 3, 1, 3, cold, old, inactive, scale_to(1)},
        decision_case{"min_to_idle_zero", 3, 0, 3, cold, old, inactive, scale_to(0)},
        decision_case{"min_to_idle_waits", 3, 1, 3, milliseconds(0), old, inactive, keep},
        decision_case{"at_idle", 3, 1, 1, cold, old, inactive, keep},
        decision_case{"below_idle", 3, 1, 0, cold, old, inactive, keep},
        decision_case{"idle_zero_at_zero", 3, 0, 0, cold, old, inactive, keep}
    ),
    name_of
);

INSTANTIATE_TEST_SUITE_P(
    scale_decision_failed,
    scale_decision_cases,
    ::testing::Values(
        decision_case{"at_zero", 0, nullopt, 0, cold, old, failed, keep},
        decision_case{"running_cooled_down", 0, nullopt, 1, cold, old, failed, keep},
        decision_case{"running_never_active", 0, nullopt, 1, nullopt, old, failed, keep},
        decision_case{"below_min", 2, nullopt, 1, cold, old, failed, keep},
        decision_case{"above_idle", 3, 0, 3, cold, old, failed, keep}
    ),
    name_of
);

INSTANTIATE_TEST_SUITE_P(
    scale_decision_state_unknown,
    scale_decision_cases,
    ::testing::Values(
        decision_case{"active_one", 0, nullopt, 1, cold, old, active, scale_to(1), true},
        decision_case{"active_zero", 0, nullopt, 0, cold, old, active, scale_to(1), true},
        decision_case{"active_many", 3, 0, 3, cold, old, active, scale_to(3), true},
        decision_case{
            "active_and_failed", 0, nullopt, 1, cold, old, active_and_failed, scale_to(1), true
        },
        decision_case{"inactive_one", 0, nullopt, 1, cold, old, inactive, scale_to(0), true},
        decision_case{"inactive_zero", 0, nullopt, 0, cold, old, inactive, scale_to(0), true},
        decision_case{"inactive_waits", 0, nullopt, 0, cooldown, old, inactive, keep, true},
        decision_case{"inactive_to_idle", 3, 0, 0, cold, old, inactive, scale_to(0), true},
        decision_case{"inactive_to_min", 2, nullopt, 0, cold, old, inactive, scale_to(2), true},
        decision_case{"inactive_at_min", 2, nullopt, 2, cold, old, inactive, keep, true},
        decision_case{"failed", 0, nullopt, 1, cold, old, failed, keep, true}
    ),
    name_of
);

} // namespace
} // namespace wakegate::actuator
