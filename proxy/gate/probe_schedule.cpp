#include "proxy/gate/probe_schedule.hpp"

#include <algorithm>

namespace wakegate::proxy {

namespace {

constexpr auto rarest_second_look = milliseconds(1'000);
constexpr auto between_suspicions = milliseconds(1'000);

} // namespace

void probe_schedule::want(time_point now) noexcept {
    next_ = probing_ ? next_ : std::min(next_, now);
}

void probe_schedule::started(time_point now, time_point wanted) noexcept {
    constexpr int two_percent = 50; // a divisor
    const auto waited = std::chrono::duration_cast<milliseconds>(now - wanted);
    const auto longest = std::max(intervals_.shortest, intervals_.longest);
    begin(now, now + std::clamp(waited / two_percent, intervals_.shortest, longest));
}

void probe_schedule::started_once(time_point now) noexcept {
    begin(now, time_point::max());
}

void probe_schedule::begin(time_point now, time_point next) noexcept {
    probing_ = true;
    last_look_ = now;
    is_suspected_ = false;
    next_ = next;
}

void probe_schedule::found(time_point now) noexcept {
    probing_ = false;
    next_ = intervals_.ready > milliseconds(0) ? now + intervals_.ready : time_point::max();
    if (is_suspected_) {
        next_ = std::min(next_, next_suspicion(now));
    }
}

void probe_schedule::suspect(time_point now) noexcept {
    is_suspected_ = true;
    if (!probing_) {
        next_ = std::min(next_, next_suspicion(now));
    }
}

time_point probe_schedule::next_suspicion(time_point now) const noexcept {
    return last_look_ ? std::max(now, *last_look_ + between_suspicions) : now;
}

void probe_schedule::missed(time_point now) noexcept {
    probing_ = false;
    last_miss_ = now;
}

time_point probe_schedule::after_turned_away(time_point now) noexcept {
    if (!turned_away_since_) {
        turned_away_since_ = now;
    }
    constexpr int tenth = 10; // a divisor
    const auto lasted = std::chrono::duration_cast<milliseconds>(now - *turned_away_since_);
    return now + std::clamp(lasted / tenth, recheck_backoff, rarest_second_look);
}

} // namespace wakegate::proxy
