#pragma once

#include "common/clock.hpp"
#include "proxy/gate/admission_credits.hpp"
#include "proxy/gate/cluster_prober.hpp"
#include "proxy/gate/cluster_traffic.hpp"
#include "proxy/gate/gate.hpp"
#include "proxy/gate/gate_waiters.hpp"
#include "proxy/gate/session_identity.hpp"
#include "proxy/gate/wake_history.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>

namespace wakegate::proxy {

class gate_service;

/// Events of all clusters' gates, on the control thread.
class gate_observer {
public:
    virtual ~gate_observer() = default;

    /// `urgent`: there was no demand before; tell the scaler now.
    virtual void demand_changed(const gate_service& gate, bool urgent) = 0;
    /// Not called when a recheck found the same server, see `gate::is_recheck`.
    virtual void cluster_woke(const gate_service& gate, duration took) = 0;
    virtual void session_released(const gate_service& gate, duration held) = 0;
    /// Not after a hang-up.
    virtual void session_refused(const gate_service& gate, gate_error error) = 0;

    /// Whatever the cause of the change.
    virtual void state_changed(const gate_service& /*gate*/, gate_state /*now*/) {}
};

/// What the scaler gets of one cluster.
struct gate_demand {
    gate_state state = gate_state::unknown;
    bool waking = false;
    std::size_t held = 0; ///< waiting or logging in, without those that may not wake the cluster
    std::size_t busy = 0;
    std::size_t idle = 0;
    std::optional<time_point> last_activity;

    friend bool operator==(const gate_demand&, const gate_demand&) = default;
};

/// Runs one cluster's gate, its timer and its prober, on the control thread. Sessions on other
/// threads call the functions marked "any thread", which post; each answer arrives on the calling
/// coroutine's own executor. Lives until the control context has stopped.
class gate_service {
public:
    gate_service(
        boost::asio::io_context& control,
        std::string name,
        const gate_settings& settings,
        probe_settings probing,
        global_queue_limit& queue_limit,
        cluster_traffic& traffic,
        gate_observer& observer
    );
    gate_service(const gate_service&) = delete;
    gate_service& operator=(const gate_service&) = delete;

    /// Any thread. A place in the queue: served in the order of these calls.
    [[nodiscard]] ticket draw_ticket() noexcept { return next_ticket_.fetch_add(1); }

    /// Any thread. True: no client waits and the cluster is ready, so credits admit the session,
    /// not its ticket. False: call `enter`.
    [[nodiscard]] bool try_acquire();
    /// Any thread. Waits until the session may connect, is refused, or `leave` is called for it.
    /// `client`, for the log, must not change until then; nor in the next two.
    [[nodiscard]] boost::asio::awaitable<admission> enter(
        ticket id,
        time_point deadline,
        connection_kind kind = gate::ordinary,
        const session_identity* client = nullptr
    );
    /// Any thread. As `enter` for a session that may use an awake cluster but may not wake it: it
    /// is no demand before it has logged in.
    [[nodiscard]] boost::asio::awaitable<admission> enter_if_ready(
        ticket id,
        time_point deadline,
        connection_kind kind = gate::ordinary,
        const session_identity* client = nullptr
    );
    /// Any thread. As `enter`, after an admission without a login: the server was not there.
    /// Sessions call `permit::requeue`.
    [[nodiscard]] boost::asio::awaitable<admission> requeue(
        ticket id,
        time_point deadline,
        connection_kind kind = gate::ordinary,
        const session_identity* client = nullptr
    );
    /// Any thread. The client hung up; does nothing when it no longer waits.
    void leave(ticket id);
    /// Any thread. The login of a session that was admitted by its ticket is over.
    void logged_in(ticket id);
    /// Any thread. It continues without its login slot.
    void login_is_slow(ticket id);
    /// Any thread. That session is over and has not logged in.
    void closed(ticket id);
    /// Any thread. Frees slots of a session that logged in, or was admitted by credits.
    void release(credits released);
    /// Any thread. A session admitted by credits has this ticket from now on.
    void track(ticket id);
    /// Any thread. Whether the server is there, by the probe under way or one that begins now. A
    /// server that rejects the probe's login is there. May take `probe.timeout`.
    [[nodiscard]] boost::asio::awaitable<bool> probe_now();
    /// Any thread. See `gate::server_ended_session`; many at once cost no more than one.
    void server_ended_session();
    /// Any thread. A worker has work after a silence.
    void traffic_resumed();

    /// Any thread. How long a wake takes; nothing before any.
    [[nodiscard]] std::optional<duration> typical_wake() const noexcept { return wakes_.typical(); }

    /// Any thread. Why a waiting client of this kind is not let in yet.
    [[nodiscard]] hold_cause cause_of_hold(connection_kind kind) const noexcept {
        return (kind == connection_kind::reserved ? causes_.reserved : causes_.ordinary)
            .load(std::memory_order_relaxed);
    }

    // Control thread only, from here on.
    /// Decides which error held clients get.
    void set_channel(wake_channel channel);
    void drain();
    void refuse_all(gate_error error);

    /// At the very end: drops all who wait, unanswered.
    void abandon() {
        waiters_.abandon();
        prober_.abandon();
    }

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    [[nodiscard]] gate_demand demand() const;

    /// When `demand().state` last changed.
    [[nodiscard]] time_point state_since() const noexcept { return state_since_; }

private:
    struct begin_wait;
    struct begin_probe;

    /// Set whenever the gate decides something, or the channel changes.
    struct published_causes {
        std::atomic<hold_cause> ordinary{hold_cause::waking};
        std::atomic<hold_cause> reserved{hold_cause::waking};
    };

    [[nodiscard]] boost::asio::awaitable<admission>
    wait(const gate_request& request, const session_identity* client);
    /// Control thread. Calls `input` with the time, and carries out what the gate decides.
    template <typename Input> void apply(Input&& input);
    /// Any thread. The same, posted.
    template <typename Input> void post(Input input);
    void apply_decisions(time_point now);
    void answer_waiters(time_point now);
    void report_outcome(const gate_decision& decision, const gate_waiter& waiter, duration waited);
    [[nodiscard]] hold_cause cause_of(connection_kind kind) const noexcept;
    void publish_causes() noexcept;
    void report_transition(time_point now);
    void report_held();
    void start_probe_if_due(time_point now);
    void on_probe_result(const probe_result& result);
    void arm_timer();

    boost::asio::io_context& control_;
    std::string name_;
    gate gate_;
    cluster_prober prober_;
    cluster_traffic& traffic_;
    gate_observer& observer_;
    boost::asio::steady_timer timer_;
    admission_credits credits_;
    std::atomic<duration::rep> last_admission_by_credits_{0};
    std::atomic<bool> suspicion_posted_{false};
    gate_waiters waiters_;
    std::atomic<ticket> next_ticket_{1};
    published_causes causes_;
    wake_channel channel_ = wake_channel::open;
    wake_history wakes_;
    gate_state last_state_ = gate_state::unknown;
    time_point state_since_ = clock::now();
    std::size_t last_held_ = 0;
    /// Joining and leaving the queue is activity, though the server gets no byte of it.
    std::optional<time_point> last_demand_;
};

} // namespace wakegate::proxy
