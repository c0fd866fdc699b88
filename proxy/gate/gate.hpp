#pragma once

#include "common/clock.hpp"
#include "proxy/gate/admission_credits.hpp"
#include "proxy/gate/connection_limit.hpp"
#include "proxy/gate/gate_error.hpp"
#include "proxy/gate/gate_state.hpp"
#include "proxy/gate/probe_schedule.hpp"
#include "proxy/gate/wait_queue.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

namespace wakegate::proxy {

/// What became of one ticket. Without a reason: go ahead and dial.
struct gate_decision {
    ticket id = 0;
    std::optional<gate_error> error;
    std::size_t connections = 0; ///< of `gate_error::full`: all of them

    friend bool operator==(const gate_decision&, const gate_decision&) = default;
};

struct gate_settings {
    milliseconds wake_grace{60'000};
    std::size_t max_waiting = 5'000;
    /// Backend sessions at one time. Absent: as the server says, less `connection_headroom`; and
    /// without bound when nobody could ask the server.
    std::optional<std::size_t> max_connections;
    std::size_t connection_headroom = 5;
    bool refuse_when_full = false;  ///< who finds all connections in use does not wait for one
    std::size_t release_batch = 64; ///< logins in flight at one time

    /// A waking server is asked again after 2 % of the time it has been waking so far, within these
    /// bounds: a quick start is noticed quickly, and a long one costs no more than it must.
    milliseconds probe_interval{10};
    milliseconds probe_slow_interval{200};
    /// 0: a ready cluster is looked at only when it has ended a session.
    milliseconds probe_ready_interval{15'000};

    [[nodiscard]] probe_intervals probes() const noexcept {
        return {probe_interval, probe_slow_interval, probe_ready_interval};
    }
};

/// Who may dial a cluster, and when: the one machine behind holding, waking and paced release.
///
///     enter ──▶ waiting ──(ready, a login slot, a connection slot)──▶ dialling ──logged_in──▶ open
///                  ▲                                                     │                     │
///                  └──────────────── requeue (same place in the queue) ┘        closed ◀─────┘
///
/// What is believed of the cluster meanwhile (a look is a probe):
///
///     any     ──▶ ready    a look is answered
///     unknown ──▶ waking   it fails or takes 250 ms, and one who may wake the cluster waits
///             ──▶ asleep   it fails, and nobody does
///     asleep  ──▶ unknown  such a one comes, and the last look is not of just now
///             ──▶ waking   ... and it is
///     waking  ──▶ asleep   nobody has waited for `wake_grace`
///     ready   ──▶ waking   two looks in a row or a dial fail, and somebody waits
///             ──▶ asleep   ... and nobody does
///
/// Whoever waits while it is unknown is demand at once, as one in `waking` is; but a cluster that
/// turns out to be awake has not been woken, and nobody was held.
///
/// Who dials for long gives its login slot to the next (`login_is_slow`), and may go on.
///
/// No clock, sockets or logs: `now` comes in, decisions are taken out with `take_decisions` after
/// every call, exactly one for each `enter` and each `requeue`. Lives on one thread.
class gate {
public:
    static constexpr auto ordinary = connection_kind::ordinary;

    gate(const gate_settings& settings, global_queue_limit& room);
    gate(const gate&) = delete;
    gate& operator=(const gate&) = delete;

    /// Asks for a backend session until `deadline`. Wakes a sleeping cluster; one that was not
    /// looked at lately is looked at first. One of `kind` reserved goes past those who wait for an
    /// ordinary connection.
    void enter(ticket id, time_point now, time_point deadline, connection_kind kind = ordinary);
    /// The same for one who defers: it never wakes the cluster, nor does it keep a wake going. The
    /// cluster may be up without our knowing, so one probe decides, unless one has just failed.
    void
    enter_if_ready(ticket id, time_point now, time_point deadline, connection_kind kind = ordinary);
    /// The client hung up while it waited.
    void leave(ticket id, time_point now);
    /// The server was not there or was not ready: the ticket waits again, ahead of later ones, and
    /// the cluster is no longer believed ready. One who defers is refused instead.
    void requeue(ticket id, time_point now, time_point deadline, connection_kind kind = ordinary);
    /// The login is over, well or badly; its slot goes to the next.
    void logged_in(ticket id, time_point now);
    /// The login goes on, and takes longer than logins do: its slot goes to the next all the same.
    void login_is_slow(ticket id, time_point now);
    /// The backend session is over.
    void closed(ticket id, time_point now);

    /// Gives all that is free away to be handed out without asking, as long as the cluster is ready
    /// and nobody waits; else nothing. Until `reclaim` the machine takes it for handed out.
    [[nodiscard]] credits grant_credits() noexcept;
    /// Before anything else happens here: what is left of it. What is missing has become sessions.
    void reclaim(credits left) noexcept;
    /// One of those sessions has logged in, is over, or both.
    void release(credits what, time_point now);
    /// One of them wants to come back: from now on it is known by this ticket, and it dials.
    void track(ticket id);

    /// Somebody has to know whether the server is there: a probe is due, unless one is under way.
    void want_probe(time_point now) noexcept { probes_.want(now); }

    /// A session's server has ended it unasked: be it that it is going away, or that it ended just
    /// this one. One that is believed ready is probed for it at once, and once a second at most.
    void server_ended_session(time_point now) noexcept {
        if (state_ == gate_state::ready) {
            probes_.suspect(now);
        }
    }

    /// True when a probe is due; the caller starts one and reports how it ended.
    [[nodiscard]] bool probe_due(time_point now) const noexcept { return probes_.is_due(now); }

    void probe_started(time_point now) noexcept;
    /// `capacity`: when the server could be asked for it.
    void probe_answered(time_point now, std::optional<server_capacity> capacity);

    void probe_failed(time_point now) { miss(now, hold_cause::waking); }

    /// The server is there and would not let the probe log in: a ready cluster is still believed,
    /// any other is not ready.
    void probe_refused(time_point now);

    /// Expires deadlines and the wake grace.
    void tick(time_point now);
    /// When `tick` or a probe is next due; `time_point::max()` for never.
    [[nodiscard]] time_point next_due() const noexcept;

    /// Nobody new enters; whoever waits may still be served.
    void drain() noexcept;
    /// Ends the waiting of everybody.
    void refuse_all(gate_error error, time_point now);

    [[nodiscard]] std::vector<gate_decision> take_decisions();

    [[nodiscard]] gate_state state() const noexcept;

    /// The cluster is wanted and does not answer yet: demand of its own, see `wake_grace`.
    [[nodiscard]] bool waking() const noexcept { return state_ == gate_state::waking; }

    /// Whether the cluster sleeps is being found out; nobody is held by a sleep so far.
    [[nodiscard]] bool is_unknown() const noexcept { return state_ == gate_state::unknown; }

    /// Why a client of this kind that waits is not let in yet.
    [[nodiscard]] hold_cause cause_of_hold(connection_kind kind) const noexcept;

    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }

    [[nodiscard]] std::size_t dialling() const noexcept { return dialling_.size() + lent_logins_; }

    /// Those who wait or dial and for whom the cluster is to be awake: without those who defer.
    [[nodiscard]] std::size_t held() const noexcept {
        return waiting_.size() + dialling() + slow_.size() - deferring_.size();
    }

    [[nodiscard]] bool holds(ticket id) const { return waiting_.contains(id) && !defers(id); }

    [[nodiscard]] bool defers(ticket id) const { return deferring_.contains(id); }

    [[nodiscard]] std::size_t open() const noexcept { return open_; }

    /// Of the wake under way, or of the last one, from the arrival of who wanted it.
    [[nodiscard]] time_point wake_started() const noexcept { return wake_started_; }

    /// Of the same: it began with a server that was believed ready, and no probe has failed in it.
    /// Nothing has woken then, be it that only the sessions' way there is closed.
    [[nodiscard]] bool is_recheck() const noexcept { return is_recheck_; }

private:
    [[nodiscard]] std::optional<gate_error> entry_error(connection_kind kind) const noexcept;
    [[nodiscard]] bool is_known_to_sleep(time_point now) const noexcept;
    void wait(ticket id, time_point deadline, connection_kind kind);
    void end_waiting(ticket id, gate_error error, time_point now);
    void refuse(ticket id, gate_error error, connection_kind kind);
    void refuse_who_defers(time_point now);
    void refuse_overdue(time_point now);
    void refuse_beyond_capacity(time_point now);
    void admit_in_turn(time_point now);
    [[nodiscard]] std::optional<ticket> next_in_turn() const;
    void miss(time_point now, hold_cause cause);
    void want_awake(time_point now);
    void end_first_look(time_point now);
    void begin_wait_for_server(gate_state state, time_point since);
    void start_waking(time_point now, time_point first_probe);
    void become_unready(time_point now);
    void fall_asleep(time_point now);
    void stay_ready(time_point now);
    [[nodiscard]] credits free(connection_kind kind) const noexcept;
    [[nodiscard]] bool has_free_slot(connection_kind kind) const noexcept;
    [[nodiscard]] bool is_full(connection_kind kind) const noexcept;

    gate_settings settings_;
    global_queue_limit& room_;
    gate_state state_ = gate_state::unknown; ///< never draining; see `draining_`
    bool draining_ = false;

    wait_queue waiting_;
    std::set<ticket> dialling_;
    std::set<ticket> slow_;       ///< dial as well, without a login slot
    std::size_t lent_logins_ = 0; ///< under way without a ticket, or still to be handed out
    std::set<ticket> deferring_;  ///< of those who wait or dial
    std::size_t wakers_ = 0;      ///< of those who wait: all who don't defer
    std::size_t open_ = 0;        ///< dialling or open backend sessions, and places lent
    connection_limit bounds_;

    time_point wake_started_{};
    bool is_recheck_ = false;                   ///< see `is_recheck`
    time_point look_ends_ = time_point::max();  ///< while unknown and wanted
    time_point grace_ends_ = time_point::max(); ///< while waking for nobody, or to be if so
    probe_schedule probes_;
    hold_cause cause_of_last_miss_ = hold_cause::waking; ///< of this wake's
    unsigned failed_probes_ = 0;                         ///< in a row, while ready

    std::vector<gate_decision> decisions_;
};

} // namespace wakegate::proxy
