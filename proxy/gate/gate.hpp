#pragma once

#include "common/clock.hpp"
#include "proxy/gate/connection_limit.hpp"
#include "proxy/gate/gate_error.hpp"
#include "proxy/gate/gate_state.hpp"
#include "proxy/gate/probe_schedule.hpp"
#include "proxy/gate/session_slots.hpp"
#include "proxy/gate/wait_queue.hpp"

#include <boost/system/result.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace wakegate::proxy {

enum class entry_kind : std::uint8_t {
    enter,          ///< wakes a sleeping cluster
    enter_if_ready, ///< defers: never wakes the cluster
    requeue,        ///< was admitted, and the server was not there
};

/// A session's request for a server.
struct gate_request {
    entry_kind kind = entry_kind::enter;
    ticket id = 0;
    time_point deadline{};
    connection_kind connection = connection_kind::ordinary;
};

/// The result of one request.
struct gate_decision {
    ticket id = 0;
    admission result = {};

    friend bool operator==(const gate_decision&, const gate_decision&) = default;
};

struct gate_settings {
    milliseconds wake_grace{60'000};
    std::size_t max_waiting = 5'000;
    /// Backend sessions at a time. Absent: the server's limit, less `connection_headroom`;
    /// unlimited while the server could not be asked.
    std::optional<std::size_t> max_connections;
    std::size_t connection_headroom = 5;
    bool refuse_when_full = false;  ///< a client does not wait for a connection: it is refused
    std::size_t release_batch = 64; ///< logins at a time

    /// The pause before the next probe of a waking server is 2 % of the time it has been waking,
    /// within these bounds: a quick start is noticed quickly, and a slow one costs few probes.
    milliseconds probe_interval{10};
    milliseconds probe_slow_interval{200};
    /// 0: probe a ready cluster only after it ended a session.
    milliseconds probe_ready_interval{15'000};

    [[nodiscard]] probe_intervals probes() const noexcept {
        return {probe_interval, probe_slow_interval, probe_ready_interval};
    }
};

/// Which clients may connect to a cluster, and when: the state machine for holding, waking and
/// paced release.
///
///     enter ──▶ waiting ──(ready, a login slot, a connection slot)──▶ connecting ─logged_in─▶ open
///                  ▲                                                     │                    │
///                  └──────────────── requeue (same place in the queue) ──┘        closed ◀────┘
///
/// `cluster_state` meanwhile:
///
///     any     ──▶ ready    a probe succeeds
///     unknown ──▶ waking   it fails or takes 250 ms, and a client that may wake the cluster waits
///             ──▶ asleep   it fails, and none does
///     asleep  ──▶ unknown  such a client comes, unless a probe has failed in the last 200 ms
///             ──▶ waking   ... and then
///     waking  ──▶ asleep   nobody has waited for `wake_grace`
///     ready   ──▶ waking   two probes in a row or a connect fail, and somebody waits
///             ──▶ asleep   ... and nobody does
///
/// Draining is not a state: it rejects new clients, and the cluster's state goes on to change for
/// those who wait.
///
/// Clients that wait in `unknown` are demand at once, as in `waking`; but a cluster that proves to
/// be awake was not woken, and no client was held.
///
/// A client that defers (`enter_if_ready`) never starts a wake, nor prolongs one. The cluster may
/// be up without our knowing, so one probe decides, unless one has just failed.
///
/// No clock, sockets or logs: `now` comes in; take the decisions out with `take_decisions` after
/// every call, exactly one for each request. Lives on one thread.
class gate {
public:
    static constexpr auto ordinary = connection_kind::ordinary;

    gate(const gate_settings& settings, global_queue_limit& queue_limit);
    gate(const gate&) = delete;
    gate& operator=(const gate&) = delete;

    /// Calls one of the next three.
    void submit(const gate_request& request, time_point now);
    /// Requests a backend session until `deadline`. A sleeping cluster not probed recently is
    /// probed before it is woken. A client of `kind` reserved passes those that wait for an
    /// ordinary connection.
    void enter(ticket id, time_point now, time_point deadline, connection_kind kind = ordinary);
    /// The same for a client that defers.
    void
    enter_if_ready(ticket id, time_point now, time_point deadline, connection_kind kind = ordinary);
    /// The server was not there or not ready: the ticket waits again, ahead of later ones, and the
    /// cluster is no longer ready. A client that defers is refused instead.
    void requeue(ticket id, time_point now, time_point deadline, connection_kind kind = ordinary);
    /// The client hung up while waiting.
    void leave(ticket id, time_point now);
    /// The login succeeded or failed; the next one gets its slot.
    void logged_in(ticket id, time_point now);
    /// The login continues but is slow: the next one gets its slot all the same.
    void login_is_slow(ticket id, time_point now);
    /// The backend session has ended.
    void closed(ticket id, time_point now);

    /// Takes all free slots, to be used without asking, if the cluster is ready and no client
    /// waits; else none. They count as in use until `reclaim`.
    [[nodiscard]] credits grant_credits() noexcept;

    /// Returns unused ones, before any other call. Missing ones are sessions now.
    void reclaim(credits left) noexcept { slots_.reclaim(left); }

    /// One of these sessions has logged in, has ended, or both.
    void release(credits released, time_point now);

    /// One of these sessions, still logging in, has this ticket from now on.
    void track(ticket id) { slots_.track(id); }

    /// Makes a probe due, unless one is under way.
    void request_probe(time_point now) noexcept { probes_.request(now); }

    /// The server has ended a session by itself: it is going away, or only that session is over.
    /// Probes a ready cluster for it at once, and at most once a second.
    void server_ended_session(time_point now) noexcept {
        if (cluster_ == cluster_state::ready) {
            probes_.suspect(now);
        }
    }

    /// True when a probe is due; the caller starts one and reports how it ended.
    [[nodiscard]] bool probe_due(time_point now) const noexcept { return probes_.is_due(now); }

    void probe_started(time_point now) noexcept;
    /// `capacity`: if the server could be queried.
    void probe_answered(time_point now, std::optional<server_capacity> capacity);

    void probe_failed(time_point now) { probe_missed(now, hold_cause::waking); }

    /// The server is there but rejected the probe's login: a ready cluster stays ready, others
    /// don't become it.
    void probe_refused(time_point now);

    /// Expires deadlines and the wake grace.
    void tick(time_point now);
    /// When `tick` or a probe is next due; never: `time_point::max()`.
    [[nodiscard]] time_point next_due() const noexcept;

    /// Rejects new clients; those who wait may still be served.
    void drain() noexcept { draining_ = true; }

    /// Refuses all who wait.
    void refuse_all(gate_error error, time_point now);

    [[nodiscard]] std::vector<gate_decision> take_decisions();

    [[nodiscard]] gate_state state() const noexcept {
        return draining_ ? gate_state::draining : to_gate_state(cluster_);
    }

    /// The cluster is wanted and does not answer yet: this is demand too, see `wake_grace`.
    [[nodiscard]] bool waking() const noexcept { return cluster_ == cluster_state::waking; }

    /// A probe is to find out whether it sleeps; no client is held by sleep so far.
    [[nodiscard]] bool is_unknown() const noexcept { return cluster_ == cluster_state::unknown; }

    /// Why a waiting client of this kind is not let in yet.
    [[nodiscard]] hold_cause cause_of_hold(connection_kind kind) const noexcept;

    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }

    [[nodiscard]] std::size_t connecting() const noexcept { return slots_.logins(); }

    /// Clients that wait or connect and want the cluster awake: without those that defer.
    [[nodiscard]] std::size_t held() const noexcept {
        return waiting_.size() + slots_.all_logins() - deferring_.size();
    }

    [[nodiscard]] bool holds(ticket id) const {
        return waiting_.contains(id) && !deferring_.contains(id);
    }

    /// Precondition: not submitted yet.
    [[nodiscard]] bool defers(const gate_request& request) const {
        return request.kind == entry_kind::enter_if_ready || deferring_.contains(request.id);
    }

    /// Backend sessions, connecting or open, and connections granted by `grant_credits`.
    [[nodiscard]] std::size_t open() const noexcept { return slots_.connections(); }

    /// Of this wake or the last one: when the client came that started it.
    [[nodiscard]] time_point wake_started() const noexcept { return wake_started_; }

    /// The same wake began with a ready server, and none of its probes has failed. So nothing was
    /// woken; perhaps only sessions can't reach the server.
    [[nodiscard]] bool is_recheck() const noexcept { return is_recheck_; }

private:
    [[nodiscard]] boost::system::result<void, gate_error> check_entry(connection_kind kind
    ) const noexcept;
    [[nodiscard]] bool is_known_to_sleep(time_point now) const noexcept;
    [[nodiscard]] bool is_asleep_or_unknown() const noexcept;
    void wait(ticket id, time_point deadline, connection_kind kind);
    void end_waiting(ticket id, time_point now);
    void expel(ticket id, gate_error error, time_point now);
    void refuse(ticket id, gate_error error, connection_kind kind);
    void refuse_deferring(time_point now);
    void refuse_overdue(time_point now);
    void refuse_beyond_capacity(time_point now);
    void admit_in_turn(time_point now);
    [[nodiscard]] std::optional<ticket> next_in_turn() const;
    void probe_missed(time_point now, hold_cause cause);
    void request_wake(time_point now);
    void end_initial_probe(time_point now);
    void wait_for_server(cluster_state state, time_point since);
    void start_waking(time_point now, time_point first_probe);
    void stay_ready(time_point now);
    void become_unready(time_point now);
    void fall_asleep(time_point now);

    gate_settings settings_;
    global_queue_limit& queue_limit_;
    cluster_state cluster_ = cluster_state::unknown;
    bool draining_ = false;

    wait_queue waiting_;
    session_slots slots_;
    std::set<ticket> deferring_; ///< that wait or connect
    std::size_t wakers_ = 0;     ///< how many wait and don't defer

    time_point wake_started_{};
    bool is_recheck_ = false;                           ///< see `is_recheck`
    time_point initial_probe_ends_ = time_point::max(); ///< while unknown and wanted
    time_point grace_ends_ = time_point::max();         ///< of `wake_grace`, while no client waits
    probe_schedule probes_;
    hold_cause last_miss_ = hold_cause::waking; ///< in this wake's probes
    unsigned failed_probes_ = 0;                ///< in a row, while ready

    std::vector<gate_decision> decisions_;
};

} // namespace wakegate::proxy
