#pragma once

#include "common/clock.hpp"

#include <optional>

namespace wakegate::proxy {

/// When to query a server for its roles: at the start, at each wake, every `interval` from then on,
/// and for logins while it is awake, so that a role or password that was just changed works at the
/// first try. A query wakes nothing: a sleeping server just does not answer.
///
/// One query at a time. Between queries for logins there is a pause as long as the last query took,
/// so that logins keep the server busy half of the time at most. While it gives no answer, or a
/// slow one, no login waits.
///
/// No clock: `now` comes in. Lives on one thread.
class refresh_schedule {
public:
    /// The longest wait of a login, which does not wait when the answer is expected later.
    static constexpr auto max_login_wait = milliseconds(1'000);

    /// `max_age`: the maximum age of the answer that a login uses while the server is awake.
    /// `has_roles`: stored by an earlier process.
    refresh_schedule(
        milliseconds interval, milliseconds max_age, bool has_roles, time_point now
    ) noexcept
        : interval_(interval), max_age_(max_age), has_roles_(has_roles), due_(now) {}

    void on_wake(time_point now) noexcept;

    void on_sleep() noexcept { awake_ = false; }

    [[nodiscard]] bool awake() const noexcept { return awake_; }

    /// A login begins, whatever its role. Gives the earliest start of a query whose answer it has
    /// to wait for, and makes one due soon; nullopt: it uses the known roles.
    std::optional<time_point> on_login(time_point now) noexcept;
    /// The next login uses no answer to a query started before this. Also makes a query due, once a
    /// second at most, when no role is known (nobody can log in, and somebody may have started the
    /// server), or when the last query failed and the server is awake.
    void on_login_failure(time_point now) noexcept;

    [[nodiscard]] bool due(time_point now) const noexcept { return !querying_ && now >= due_; }

    /// `time_point::max()` during a query.
    [[nodiscard]] time_point next_due() const noexcept {
        return querying_ ? time_point::max() : due_;
    }

    void on_query_start(time_point now) noexcept;
    void on_query_end(time_point now, bool succeeded) noexcept;

private:
    void query_soon(time_point now) noexcept;
    /// Makes a query started at `recent` or later due; returns when its answer is expected.
    time_point arrange_answer(time_point recent, time_point now) noexcept;

    milliseconds interval_;
    milliseconds max_age_;
    bool has_roles_;
    bool awake_ = false;
    bool querying_ = false;
    bool last_failed_ = false;
    bool query_again_ = false;   ///< a wake during the query, whose answer may be outdated
    bool login_waiting_ = false; ///< the same of a login
    time_point due_;
    time_point query_started_{};
    time_point query_ended_{};
    duration last_query_time_{};     ///< of the last successful query
    time_point last_answer_asked_{}; ///< when that query started
    time_point last_login_failure_{};
};

} // namespace wakegate::proxy
