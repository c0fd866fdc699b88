#include "proxy/gate/probe_schedule.hpp"

#include <algorithm>

namespace wakegate::proxy {

namespace {

constexpr auto max_recheck_backoff = milliseconds(1'000);
constexpr auto min_suspicion_interval = milliseconds(1'000);

} // namespace

void probe_schedule::request(time_point now) noexcept {
    next_ = probing_ ? next_ : std::min(next_, now);
}

void probe_schedule::started(time_point now, time_point waited_since) noexcept {
    constexpr int two_percent = 50; // a divisor
    const auto waited = std::chrono::duration_cast<milliseconds>(now - waited_since);
    const auto longest = std::max(intervals_.shortest, intervals_.longest);
    begin(now, now + std::clamp(waited / two_percent, intervals_.shortest, longest));
}

void probe_schedule::started_once(time_point now) noexcept {
    begin(now, time_point::max());
}

void probe_schedule::begin(time_point now, time_point next) noexcept {
    probing_ = true;
    last_start_ = now;
    is_suspected_ = false;
    next_ = next;
}

void probe_schedule::succeeded(time_point now) noexcept {
    probing_ = false;
    next_ = intervals_.ready > milliseconds(0) ? now + intervals_.ready : time_point::max();
    if (is_suspected_) {
        next_ = std::min(next_, next_for_suspicion(now));
    }
}

void probe_schedule::suspect(time_point now) noexcept {
    is_suspected_ = true;
    if (!probing_) {
        next_ = std::min(next_, next_for_suspicion(now));
    }
}

time_point probe_schedule::next_for_suspicion(time_point now) const noexcept {
    return last_start_ ? std::max(now, *last_start_ + min_suspicion_interval) : now;
}

void probe_schedule::failed(time_point now) noexcept {
    probing_ = false;
    last_failure_ = now;
}

time_point probe_schedule::next_recheck(time_point now) noexcept {
    if (!recheck_since_) {
        recheck_since_ = now;
    }
    constexpr int tenth = 10; // a divisor
    const auto lasted = std::chrono::duration_cast<milliseconds>(now - *recheck_since_);
    return now + std::clamp(lasted / tenth, min_recheck_backoff, max_recheck_backoff);
}

} // namespace wakegate::proxy
