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

/// The demand for a cluster as one subscriber sees it.
struct push_demand {
    bool active = false;
    bool unserved = false; ///< clients wait and the cluster does not answer
};

/// When one StreamIsActive stream gets its next `true`: at once when demand appears; again after
/// `repeat_first` and then at random between `repeat_lowest` and `repeat_highest` for as long as
/// clients are unserved, since KEDA may drop a push (409 on /scale, metric name not cached yet).
/// Clients that come and go meanwhile do not add pushes: a flood of `true` keeps a cluster awake by
/// itself (http-add-on#1792).
///
/// Pure. `seed` makes the jitter, so that replicas and streams do not push at the same time.
class push_schedule {
public:
    push_schedule(const push_pace& pace, std::uint32_t seed);

    /// Takes the present demand. True: send `true` now.
    [[nodiscard]] bool observe(const push_demand& need, time_point now);

    /// A repeat is due though the demand has not changed.
    [[nodiscard]] bool is_due(time_point now) const {
        return last_.unserved && now >= last_push_ + gap_;
    }

private:
    [[nodiscard]] milliseconds jittered();

    push_pace pace_;
    std::minstd_rand random_;
    push_demand last_;
    time_point last_push_ = time_point::min();
    milliseconds gap_;            ///< from the last push to the next repeat
    bool episode_pushed_ = false; ///< the present unserved episode has had its first push
};

} // namespace wakegate::scaler
