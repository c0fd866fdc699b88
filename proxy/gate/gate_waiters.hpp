#pragma once

#include "common/clock.hpp"
#include "proxy/gate/gate.hpp"
#include "proxy/gate/hold_log.hpp"
#include "proxy/gate/session_identity.hpp"

#include <boost/asio/any_completion_handler.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace wakegate::proxy {

/// A session that waits for the gate's decision.
struct gate_waiter {
    boost::asio::any_completion_handler<void(admission)> reply;
    /// In the frame of the coroutine that `reply` resumes; null: unknown.
    const session_identity* client = nullptr;
    time_point since{};
    connection_kind connection = connection_kind::ordinary;
    bool defers = false;   ///< is no demand, see `gate::enter_if_ready`
    bool was_held = false; ///< not admitted at once; logged
};

/// The sessions that wait at one gate. Control thread.
class gate_waiters {
public:
    /// `cluster`, for the log, outlives this.
    explicit gate_waiters(const std::string& cluster) : cluster_(cluster) {}

    gate_waiters(const gate_waiters&) = delete;
    gate_waiters& operator=(const gate_waiters&) = delete;

    void add(ticket id, gate_waiter waiter) { waiters_.insert_or_assign(id, std::move(waiter)); }

    /// Nothing when it no longer waits.
    [[nodiscard]] std::optional<gate_waiter> take(ticket id);

    /// Logs once that it is held, if it is. `cause_of` gives the cause, by kind.
    template <typename CauseOf> void note_held(const gate& at, ticket id, CauseOf cause_of) {
        const auto found = waiters_.find(id);
        if (found != waiters_.end()) {
            note_held(at, id, found->second, cause_of);
        }
    }

    template <typename CauseOf> void note_all_held(const gate& at, CauseOf cause_of) {
        for (auto& [id, waiter] : waiters_) {
            note_held(at, id, waiter, cause_of);
        }
    }

    /// The oldest of those that want the cluster awake.
    [[nodiscard]] std::optional<session_log_fields> first_waker() const;

    [[nodiscard]] session_log_fields log_fields(ticket id, const gate_waiter& waiter) const {
        return {cluster_, id, waiter.client};
    }

    /// Drops them, unanswered.
    void abandon() { std::exchange(waiters_, {}).clear(); }

private:
    template <typename CauseOf>
    void note_held(const gate& at, ticket id, gate_waiter& waiter, CauseOf cause_of) {
        // Not during a probe that may find the cluster awake.
        if (!waiter.was_held && !at.is_unknown() && at.holds(id)) {
            waiter.was_held = true;
            log_held(log_fields(id, waiter), cause_of(waiter.connection), at.waiting());
        }
    }

    const std::string& cluster_;
    std::map<ticket, gate_waiter> waiters_;
};

} // namespace wakegate::proxy
