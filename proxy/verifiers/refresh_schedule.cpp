#include "proxy/verifiers/refresh_schedule.hpp"

#include <algorithm>
#include <utility>

namespace wakegate::proxy {
namespace {

/// However often it wakes: one question in so much time.
constexpr auto least_pause = milliseconds(1'000);

/// After a failure, and while nobody can log in for want of any verifier.
constexpr auto longest_pause_without_answer = milliseconds(15'000);

} // namespace

void refresh_schedule::woke(time_point now) noexcept {
    awake_ = true;
    last_failed_ = false; // of a server that slept
    hurry(now);
}

std::optional<time_point> refresh_schedule::login_began(time_point now) noexcept {
    const auto recent = std::max(now - max_age_, login_failed_at_);
    if (!awake_ || last_failed_ || answered_ >= recent) {
        return std::nullopt;
    }
    const bool is_slow = asking_ && began_ + max_login_wait <= now;
    const auto expected = arrange_answer(recent, now);
    const bool is_worth_it = !is_slow && expected <= now + max_login_wait;
    return is_worth_it ? std::optional(recent) : std::nullopt;
}

time_point refresh_schedule::arrange_answer(time_point recent, time_point now) noexcept {
    if (!asking_) {
        due_ = std::min(due_, std::max(now, ended_ + took_));
        return due_ + took_;
    }
    const auto this_one = std::max(now, began_ + took_);
    if (began_ >= recent) {
        return this_one;
    }
    login_waits_ = true;
    return this_one + 2 * took_; // the pause and the next one
}

void refresh_schedule::login_failed(time_point now) noexcept {
    login_failed_at_ = now;
    if (!something_known_ || (awake_ && last_failed_)) {
        hurry(now);
    }
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
    ended_ = now;
    last_failed_ = !well;
    if (well) {
        something_known_ = true;
        answered_ = began_;
        took_ = now - began_;
    }
    const bool is_urgent = !well && (awake_ || !something_known_);
    due_ = now + (is_urgent ? std::min(interval_, longest_pause_without_answer) : interval_);
    if (std::exchange(once_more_, false)) {
        hurry(now);
    }
    if (std::exchange(login_waits_, false) && awake_ && well) {
        due_ = std::min(due_, now + took_);
    }
}

} // namespace wakegate::proxy
