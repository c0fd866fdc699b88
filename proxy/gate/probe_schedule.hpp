#pragma once

#include "common/clock.hpp"

#include <optional>

namespace wakegate::proxy {

/// See `gate_settings`.
struct probe_intervals {
    milliseconds shortest{10};
    milliseconds longest{200};
    milliseconds ready{15'000};
};

/// When a cluster's server is looked at next, one look at a time, and whether the last one still
/// tells something. No clock: `now` comes in. Lives on the gate's thread.
class probe_schedule {
public:
    /// When a server was believed ready and is not, it is asked again this much later, not at once:
    /// one that passes its probe and turns sessions away would be chased in a circle.
    static constexpr auto recheck_backoff = milliseconds(50);

    explicit probe_schedule(const probe_intervals& intervals) noexcept : intervals_(intervals) {}

    [[nodiscard]] bool is_due(time_point now) const noexcept { return !probing_ && now >= next_; }

    /// When one is due; `time_point::max()` while one is under way, or for never.
    [[nodiscard]] time_point next() const noexcept { return probing_ ? time_point::max() : next_; }

    /// Somebody has to know now, unless a look is under way.
    void want(time_point now) noexcept;

    /// A ready server has given a reason to doubt it: it is looked at for that at once, and once a
    /// second at most.
    void suspect(time_point now) noexcept;

    void set_next(time_point at) noexcept { next_ = at; }

    /// Of a server that somebody waits for since `wanted`: the next comes after 2 % of that time,
    /// between `shortest` and `longest`.
    void started(time_point now, time_point wanted) noexcept;
    /// Of one that nobody waits for: there is no next.
    void started_once(time_point now) noexcept;
    /// The server is ready.
    void found(time_point now) noexcept;
    void missed(time_point now) noexcept;

    /// The server was seen not to be there in another way than by a look.
    void note_miss(time_point now) noexcept { last_miss_ = now; }

    /// A look was answered, and a session that dialled then was not. The time of the next: as long
    /// as it goes on like that, after a tenth of the time that it has, and within bounds.
    [[nodiscard]] time_point after_turned_away(time_point now) noexcept;

    /// Looks are answered and dials are not.
    [[nodiscard]] bool is_turned_away() const noexcept { return turned_away_since_.has_value(); }

    /// A dial was answered, or a look was not: they agree.
    void agree() noexcept { turned_away_since_.reset(); }

    /// So recently that another look would tell nothing new.
    [[nodiscard]] bool has_just_missed(time_point now) const noexcept {
        return last_miss_ && now - *last_miss_ < intervals_.longest;
    }

private:
    void begin(time_point now, time_point next) noexcept;
    [[nodiscard]] time_point next_suspicion(time_point now) const noexcept;

    probe_intervals intervals_;
    time_point next_ = time_point::max();
    bool probing_ = false;
    std::optional<time_point> last_look_; ///< when it began
    bool is_suspected_ = false;           ///< since then
    std::optional<time_point> last_miss_; ///< when the server was last found not to be there
    std::optional<time_point> turned_away_since_;
};

} // namespace wakegate::proxy
