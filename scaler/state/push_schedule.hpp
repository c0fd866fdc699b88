#pragma once

#include "common/clock.hpp"

#include <cstdint>
#include <random>

namespace wakegate::scaler {

struct push_pace {
    milliseconds repeat_first{2'000};
    milliseconds repeat_lowest{5'000};
    milliseconds repeat_highest{10'000};
};

/// What one subscriber of a cluster must learn about.
struct push_demand {
    bool active = false;
    bool unserved = false; ///< clients wait and the cluster is not up
};

/// When one StreamIsActive stream gets its next `true`: at once when demand appears; again after
/// `repeat_first` and then at random between `repeat_lowest` and `repeat_highest` for as long as
/// clients starve, since KEDA may drop a push (409 on /scale, metric name not cached yet). Clients
/// that come and go while it starves don't speed it up: a flood of `true` keeps a cluster awake by
/// itself (http-add-on#1792).
///
/// Pure: `seed` makes the jitter, so that replicas and streams drift apart.
class push_schedule {
public:
    push_schedule(const push_pace& pace, std::uint32_t seed);

    /// Tells it what is the case now. True: send `true` now.
    [[nodiscard]] bool observe(const push_demand& need, time_point now);

    /// Whether time alone has made a repeat due.
    [[nodiscard]] bool is_due(time_point now) const {
        return last_.unserved && now >= last_push_ + gap_;
    }

private:
    [[nodiscard]] milliseconds jittered();

    push_pace pace_;
    std::minstd_rand random_;
    push_demand last_;
    time_point last_push_ = time_point::min();
    milliseconds gap_;            ///< no repeat sooner after the last push
    bool episode_pushed_ = false; ///< the bout of starving under way has had its first push
};

} // namespace wakegate::scaler
