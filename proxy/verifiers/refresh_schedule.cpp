#include "proxy/verifiers/refresh_schedule.hpp"

#include <algorithm>
#include <utility>

namespace wakegate::proxy {
namespace {

/// Between the starts of two queries, however often the server wakes.
constexpr auto min_query_interval = milliseconds(1'000);

/// After a failure, if the server is awake or no role is known, so that no client can log in.
constexpr auto longest_pause_without_answer = milliseconds(15'000);

} // namespace

void refresh_schedule::on_wake(time_point now) noexcept {
    awake_ = true;
    last_failed_ = false; // that was while it slept
    query_soon(now);
}

std::optional<time_point> refresh_schedule::on_login(time_point now) noexcept {
    const auto recent = std::max(now - max_age_, last_login_failure_);
    if (!awake_ || last_failed_ || last_answer_asked_ >= recent) {
        return std::nullopt;
    }
    const bool is_slow = querying_ && query_started_ + max_login_wait <= now;
    const auto expected = arrange_answer(recent, now);
    const bool is_worth_it = !is_slow && expected <= now + max_login_wait;
    return is_worth_it ? std::optional(recent) : std::nullopt;
}

time_point refresh_schedule::arrange_answer(time_point recent, time_point now) noexcept {
    if (!querying_) {
        due_ = std::min(due_, std::max(now, query_ended_ + last_query_time_));
        return due_ + last_query_time_;
    }
    const auto current_answer_at = std::max(now, query_started_ + last_query_time_);
    if (query_started_ >= recent) {
        return current_answer_at;
    }
    login_waiting_ = true;
    return current_answer_at + 2 * last_query_time_; // the pause and the next query
}

void refresh_schedule::on_login_failure(time_point now) noexcept {
    last_login_failure_ = now;
    if (!has_roles_ || (awake_ && last_failed_)) {
        query_soon(now);
    }
}

void refresh_schedule::query_soon(time_point now) noexcept {
    query_again_ = querying_;
    due_ = std::min(due_, std::max(now, query_started_ + min_query_interval));
}

void refresh_schedule::on_query_start(time_point now) noexcept {
    querying_ = true;
    query_started_ = now;
    due_ = time_point::max();
}

void refresh_schedule::on_query_end(time_point now, bool succeeded) noexcept {
    querying_ = false;
    query_ended_ = now;
    last_failed_ = !succeeded;
    if (succeeded) {
        has_roles_ = true;
        last_answer_asked_ = query_started_;
        last_query_time_ = now - query_started_;
    }
    const bool is_urgent = !succeeded && (awake_ || !has_roles_);
    due_ = now + (is_urgent ? std::min(interval_, longest_pause_without_answer) : interval_);
    if (std::exchange(query_again_, false)) {
        query_soon(now);
    }
    if (std::exchange(login_waiting_, false) && awake_ && succeeded) {
        due_ = std::min(due_, now + last_query_time_);
    }
}

} // namespace wakegate::proxy
