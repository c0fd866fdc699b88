#pragma once

#include "common/clock.hpp"

namespace wakegate::proxy {

/// When a server is asked for its roles: at the start, at each wake, every `interval` from then on,
/// and after a failed login, so that a password which was just changed is known at the next try;
/// but once a second at most. Asking wakes nobody: a server that sleeps does not answer, and that
/// is all.
///
/// No clock: `now` comes in. Lives on one thread.
class refresh_schedule {
public:
    /// `something_known`: from an earlier life.
    refresh_schedule(milliseconds interval, bool something_known, time_point now) noexcept
        : interval_(interval), something_known_(something_known), due_(now) {}

    void woke(time_point now) noexcept;

    void fell_asleep() noexcept { awake_ = false; }

    [[nodiscard]] bool awake() const noexcept { return awake_; }

    /// A login has failed. True: an answer that is newer than this call will come soon. False: the
    /// server sleeps, and is left alone.
    bool wanted(time_point now) noexcept;

    [[nodiscard]] bool due(time_point now) const noexcept { return !asking_ && now >= due_; }

    /// `time_point::max()` while it is being asked.
    [[nodiscard]] time_point next_due() const noexcept {
        return asking_ ? time_point::max() : due_;
    }

    void began(time_point now) noexcept;
    void ended(time_point now, bool well) noexcept;

private:
    void hurry(time_point now) noexcept;

    milliseconds interval_;
    bool something_known_;
    bool awake_ = false;
    bool asking_ = false;
    bool once_more_ = false; ///< what is being asked now may be too old an answer
    time_point due_;
    time_point began_{};
};

} // namespace wakegate::proxy
