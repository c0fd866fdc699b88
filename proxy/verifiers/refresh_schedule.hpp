#pragma once

#include "common/clock.hpp"

#include <optional>

namespace wakegate::proxy {

/// When a server is asked for its roles: at the start, at each wake, every `interval` from then on,
/// and for logins while it is awake, so that a role or a password that was just made or changed is
/// known at the first try. Asking wakes nobody: a server that sleeps does not answer, and that is
/// all.
///
/// One question at a time. For logins the pause behind a question is as long as that took, so they
/// have the server asked half of the time at most, however many there are. While it gives no
/// answer, or takes long for it, no login waits.
///
/// No clock: `now` comes in. Lives on one thread.
class refresh_schedule {
public:
    /// A login is held up no longer, and not at all when the answer will hardly come within it.
    static constexpr auto max_login_wait = milliseconds(1'000);

    /// `max_age`: how old an answer a login may go by while the server is awake.
    /// `something_known`: from an earlier life.
    refresh_schedule(
        milliseconds interval, milliseconds max_age, bool something_known, time_point now
    ) noexcept
        : interval_(interval), max_age_(max_age), something_known_(something_known), due_(now) {}

    void woke(time_point now) noexcept;

    void fell_asleep() noexcept { awake_ = false; }

    [[nodiscard]] bool awake() const noexcept { return awake_; }

    /// A login begins, whatever its role. It may go by the answer to a question that is put at this
    /// time or later, which is then put soon. Nothing: it goes by what is known.
    std::optional<time_point> login_began(time_point now) noexcept;
    /// The next login goes by no older answer than this failure. Once a second at most it also has
    /// a server asked again whose last answer was a failure, a sleeping one if it has never told
    /// anything: somebody may have started it, and nobody can log in before it tells.
    void login_failed(time_point now) noexcept;

    [[nodiscard]] bool due(time_point now) const noexcept { return !asking_ && now >= due_; }

    /// `time_point::max()` while it is being asked.
    [[nodiscard]] time_point next_due() const noexcept {
        return asking_ ? time_point::max() : due_;
    }

    void began(time_point now) noexcept;
    void ended(time_point now, bool well) noexcept;

private:
    void hurry(time_point now) noexcept;
    /// Sees to an answer to a question put at `recent` or later; tells when it is to be expected.
    time_point arrange_answer(time_point recent, time_point now) noexcept;

    milliseconds interval_;
    milliseconds max_age_;
    bool something_known_;
    bool awake_ = false;
    bool asking_ = false;
    bool last_failed_ = false;
    bool once_more_ = false;   ///< a wake: what is being asked now may be too old an answer
    bool login_waits_ = false; ///< a login: the same
    time_point due_;
    time_point began_{};
    time_point ended_{};
    duration took_{};              ///< the last answer
    time_point answered_{};        ///< when its question was put
    time_point login_failed_at_{}; ///< the last
};

} // namespace wakegate::proxy
