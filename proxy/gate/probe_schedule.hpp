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

/// When to probe a cluster's server next, with one probe at a time, and whether the last result is
/// recent enough to rely on. No clock: `now` comes in. Lives on the gate's thread.
class probe_schedule {
public:
    /// A server that is no longer ready is probed again this much later, not at once: one that
    /// answers probes but rejects sessions would otherwise be probed and connected to in a busy
    /// loop.
    static constexpr auto min_recheck_backoff = milliseconds(50);

    explicit probe_schedule(const probe_intervals& intervals) noexcept : intervals_(intervals) {}

    [[nodiscard]] bool is_due(time_point now) const noexcept { return !probing_ && now >= next_; }

    /// When a probe is due; `time_point::max()`: never, or one is under way.
    [[nodiscard]] time_point next() const noexcept { return probing_ ? time_point::max() : next_; }

    /// Makes one due now, unless one is under way.
    void request(time_point now) noexcept;

    /// A ready server may be going away: probes it at once, at most once a second.
    void suspect(time_point now) noexcept;

    void set_next(time_point at) noexcept { next_ = at; }

    /// A probe has begun, of a server that clients have waited for since `waited_since`: the next
    /// is due after 2 % of that time, between `shortest` and `longest`.
    void started(time_point now, time_point waited_since) noexcept;
    /// A probe has begun, of a server that no client waits for: none follows.
    void started_once(time_point now) noexcept;
    /// The server is ready.
    void succeeded(time_point now) noexcept;
    void failed(time_point now) noexcept;

    /// Something other than a probe found the server unreachable.
    void note_failure(time_point now) noexcept { last_failure_ = now; }

    /// A session could not be opened after a successful probe. When to probe again: after a tenth
    /// of the time that this has lasted, within bounds.
    [[nodiscard]] time_point next_recheck(time_point now) noexcept;

    /// Probes succeed but sessions can't be opened.
    [[nodiscard]] bool is_rechecking() const noexcept { return recheck_since_.has_value(); }

    /// A session was opened, or a probe failed: no contradiction.
    void end_recheck() noexcept { recheck_since_.reset(); }

    /// So recently that a new probe would find the same.
    [[nodiscard]] bool has_just_failed(time_point now) const noexcept {
        return last_failure_ && now - *last_failure_ < intervals_.longest;
    }

private:
    void begin(time_point now, time_point next) noexcept;
    [[nodiscard]] time_point next_for_suspicion(time_point now) const noexcept;

    probe_intervals intervals_;
    time_point next_ = time_point::max();
    bool probing_ = false;
    std::optional<time_point> last_start_;
    bool is_suspected_ = false;              ///< since `last_start_`
    std::optional<time_point> last_failure_; ///< of a probe or a connect
    std::optional<time_point> recheck_since_;
};

} // namespace wakegate::proxy
