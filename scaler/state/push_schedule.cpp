#include "scaler/state/push_schedule.hpp"

namespace wakegate::scaler {

push_schedule::push_schedule(const push_pace& pace, std::uint32_t seed)
    : pace_(pace), gap_(pace.repeat_first) {
    std::seed_seq seeds{seed}; // mixes: similar seeds would start alike
    random_.seed(seeds);
}

bool push_schedule::observe(const push_demand& need, time_point now) {
    const bool is_edge = need.active && !last_.active;
    last_ = need;
    if (!need.unserved) {
        episode_pushed_ = false;
        gap_ = pace_.repeat_first;
    }
    if (!is_edge && !is_due(now)) {
        return false;
    }
    gap_ = is_edge || !episode_pushed_ ? pace_.repeat_first : jittered();
    episode_pushed_ = need.unserved;
    last_push_ = now;
    return true;
}

milliseconds push_schedule::jittered() {
    std::uniform_int_distribution<milliseconds::rep> spread(
        pace_.repeat_lowest.count(), pace_.repeat_highest.count()
    );
    return milliseconds(spread(random_));
}

} // namespace wakegate::scaler
