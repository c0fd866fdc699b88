#pragma once

#include "common/clock.hpp"
#include "proxy/backend/probe.hpp"
#include "proxy/gate/cluster_traffic.hpp"
#include "proxy/gate/gate.hpp"
#include "proxy/gate/hold_log.hpp"
#include "proxy/gate/session_identity.hpp"
#include "proxy/gate/wake_history.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wakegate::proxy {

class gate_service;

/// Told by every keeper, on the control thread.
class gate_observer {
public:
    virtual ~gate_observer() = default;

    /// `urgent`: demand appeared where there was none; the scaler should hear of it now.
    virtual void demand_changed(const gate_service& where, bool urgent) = 0;
    /// Not when a second look found the server where it had been, see `gate::is_recheck`.
    virtual void cluster_woke(const gate_service& where, duration took) = 0;
    virtual void session_released(const gate_service& where, duration held) = 0;
    /// Not of one that hung up: nobody refused it.
    virtual void session_refused(const gate_service& where, gate_error error) = 0;

    /// The gate's belief has changed, whoever woke the cluster or let it sleep.
    virtual void state_changed(const gate_service& /*where*/, gate_state /*now*/) {}
};

/// What the scaler is told of one cluster.
struct gate_demand {
    gate_state state = gate_state::unknown;
    bool waking = false;
    std::size_t held = 0; ///< waiting or logging in, of those who may wake it
    std::size_t busy = 0;
    std::size_t idle = 0;
    std::optional<time_point> last_activity;

    friend bool operator==(const gate_demand&, const gate_demand&) = default;
};

/// One cluster's gate at work: owns the machine, its timer and its one prober, on the control
/// thread. Sessions on other threads talk to it through the functions marked "any thread", which
/// post; each answer arrives on the asking coroutine's own executor.
/// Lives until the control context has stopped.
class gate_service {
public:
    gate_service(
        boost::asio::io_context& control,
        std::string name,
        const gate_settings& settings,
        probe_settings probing,
        global_queue_limit& room,
        cluster_traffic& traffic,
        gate_observer& observer
    );
    gate_service(const gate_service&) = delete;
    gate_service& operator=(const gate_service&) = delete;

    /// Any thread. A place in the queue: the order of these calls is the order of service.
    [[nodiscard]] ticket draw_ticket() noexcept { return next_ticket_.fetch_add(1); }

    /// Any thread. True: nobody waits and the cluster is ready, so the session is admitted as it
    /// stands, by no ticket. False: `enter`.
    [[nodiscard]] bool try_acquire();
    /// Any thread. Waits until the session may dial, is refused, or `leave` is called for it.
    /// `client`, for the log, stays as it is until then; so for the next two.
    [[nodiscard]] boost::asio::awaitable<admission> enter(
        ticket id,
        time_point deadline,
        connection_kind kind = gate::ordinary,
        const session_identity* client = nullptr
    );
    /// Any thread. As `enter` for a session that may use the cluster while it is awake and may not
    /// wake it: nothing of it is demand before its login.
    [[nodiscard]] boost::asio::awaitable<admission> enter_if_ready(
        ticket id,
        time_point deadline,
        connection_kind kind = gate::ordinary,
        const session_identity* client = nullptr
    );
    /// Any thread. As `enter`, after an admission that led to no login: the server was not there.
    [[nodiscard]] boost::asio::awaitable<admission> requeue(
        ticket id,
        time_point deadline,
        connection_kind kind = gate::ordinary,
        const session_identity* client = nullptr
    );
    /// Any thread. The client hung up; a no-op when it no longer waits.
    void leave(ticket id);
    /// Any thread. One who was admitted by a ticket.
    void logged_in(ticket id);
    /// Any thread. One who was admitted by a ticket goes on without its login slot.
    void login_is_slow(ticket id);
    /// Any thread. Whether the server is there: how the probe under way ends, or one that begins
    /// now. A server that refuses the probe's login is there. It may take `probe.timeout`.
    [[nodiscard]] boost::asio::awaitable<bool> probe_now();
    /// Any thread. One who was admitted by a ticket and has not logged in.
    void closed(ticket id);
    /// Any thread. The place of a session that has logged in, or what `try_acquire` gave.
    void release(credits what);
    /// Any thread. What was admitted by `try_acquire` will `requeue` by this ticket.
    void track(ticket id);
    /// Any thread. See `gate::server_ended_session`; many at once cost no more than one.
    void server_ended_session();
    /// Any thread. A worker saw work after a silence.
    void traffic_resumed();

    /// Any thread. How long a wake takes; nothing before the first.
    [[nodiscard]] std::optional<duration> typical_wake() const noexcept { return wakes_.typical(); }

    /// Any thread. Why a client of this kind that waits is not let in yet.
    [[nodiscard]] hold_cause cause_of_hold(connection_kind kind) const noexcept {
        return (kind == connection_kind::reserved ? causes_.reserved : causes_.ordinary)
            .load(std::memory_order_relaxed);
    }

    // Control thread only, from here on.
    /// What clients that wait in vain are told of from now on.
    void set_channel(wake_channel channel);
    void drain();
    void refuse_all(gate_error error);

    /// At the very end: whoever still waits is let go of, unanswered.
    void abandon() {
        std::exchange(waiters_, {}).clear();
        std::exchange(probe_waiters_, {}).clear();
    }

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    [[nodiscard]] gate_demand demand() const;

    /// When the gate began to believe what it does; drain counts as a belief of its own.
    [[nodiscard]] time_point state_since() const noexcept { return state_since_; }

private:
    using answer = boost::asio::any_completion_handler<void(admission)>;

    struct waiter {
        answer reply;
        /// In the frame of the coroutine that `reply` continues; null: nobody's.
        const session_identity* client;
        time_point since;
        connection_kind kind;
        bool wanted = true; ///< is demand, see `enter_if_ready`
        bool held = false;  ///< had to wait
    };

    struct begin_wait;
    struct begin_probe;
    /// What the gate is asked on behalf of a session that then waits for its answer.
    using question =
        void (gate::*)(ticket id, time_point now, time_point deadline, connection_kind kind);

    /// As they were when the gate last decided something, or the channel changed.
    struct published_causes {
        std::atomic<hold_cause> ordinary{hold_cause::waking};
        std::atomic<hold_cause> reserved{hold_cause::waking};
    };

    [[nodiscard]] boost::asio::awaitable<admission> wait(
        question ask,
        ticket id,
        time_point deadline,
        connection_kind kind,
        const session_identity* client
    );
    /// Any thread. Gives the machine `input`, a function of the time.
    template <typename Input> void post_input(Input input);
    [[nodiscard]] time_point begin();
    void settle(time_point now);
    void deliver(time_point now);
    void tell_of(const gate_decision& decision, const waiter& waited, duration held);
    void note_held(ticket id, waiter& waiting);
    [[nodiscard]] hold_cause cause_of(connection_kind kind) const noexcept;
    /// Who waits for the cluster to be awake and came first.
    [[nodiscard]] std::optional<session_log_fields> first_waker() const;
    void publish_causes() noexcept;
    void note_transition(time_point now);
    void note_demand();
    void start_probe_if_due(time_point now);
    void probe_ended(const probe_result& outcome);
    void arm_timer();

    boost::asio::io_context& control_;
    std::string name_;
    gate gate_;
    probe_settings probing_;
    cluster_traffic& traffic_;
    gate_observer& observer_;
    boost::asio::steady_timer timer_;
    admission_credits credits_;
    std::atomic<duration::rep> last_pass_{0};
    std::atomic<bool> suspicion_posted_{false};
    std::map<ticket, waiter> waiters_;
    std::vector<boost::asio::any_completion_handler<void(bool)>> probe_waiters_;
    std::atomic<ticket> next_ticket_{1};
    published_causes causes_;
    wake_channel channel_ = wake_channel::open;
    wake_history wakes_;
    gate_state last_state_ = gate_state::unknown;
    time_point state_since_ = clock::now();
    std::size_t last_held_ = 0;
    /// Joining and leaving the queue is activity, though no byte of it reaches a server.
    std::optional<time_point> last_wanted_;
    std::string last_probe_failure_;
};

} // namespace wakegate::proxy
