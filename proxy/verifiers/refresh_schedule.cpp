#include "proxy/verifiers/refresh_schedule.hpp"

#include <algorithm>
#include <utility>

namespace wakegate::proxy {
namespace {

/// However many logins fail, and however often it wakes: one question in so much time. Who guesses
/// waits as long for the answer, whatever the role.
constexpr auto least_pause = milliseconds(1'000);

/// After a failure, and while nobody can log in for want of any verifier.
constexpr auto longest_pause_without_answer = milliseconds(15'000);

} // namespace

void refresh_schedule::woke(time_point now) noexcept {
    awake_ = true;
    hurry(now);
}

bool refresh_schedule::wanted(time_point now) noexcept {
    if (awake_) {
        hurry(now);
    }
    return awake_;
}

void refresh_schedule::hurry(time_point now) noexcept {
    once_more_ = asking_;
    due_ = std::min(due_, std::max(now, began_ + least_pause));
}

void refresh_schedule::began(time_point now) noexcept {
    asking_ = true;
    began_ = now;
    due_ = time_point::max();
}

void refresh_schedule::ended(time_point now, bool well) noexcept {
    asking_ = false;
    something_known_ = something_known_ || well;
    const bool is_urgent = !well && (awake_ || !something_known_);
    due_ = now + (is_urgent ? std::min(interval_, longest_pause_without_answer) : interval_);
    if (std::exchange(once_more_, false)) {
        hurry(now);
    }
}

} // namespace wakegate::proxy
