#pragma once

#include "proxy/cancel/cancel_registry.hpp"
#include "proxy/cancel/passthrough_sessions.hpp"
#include "proxy/cluster/cluster.hpp"
#include "proxy/cluster/connection_limits.hpp"
#include "proxy/gate/permit.hpp"
#include "proxy/gate/session_identity.hpp"
#include "proxy/net/load_guard.hpp"
#include "proxy/relay/relay_owner.hpp"
#include "proxy/session/client_group.hpp"
#include "proxy/session/session_tally.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// What a session holds while it is relayed: its permit, the entry of its cancel key, and its share
/// in the cluster's demand if it counts. All are released with it. Lives on one relay thread.
///
/// Its login slot is free from the start. Slots limit the burst after a wake: the server's work,
/// above all a fork, until it first answers the startup message. What follows begins with the
/// client's answer, and no client may hold a slot for as long as it likes. No slot is taken again:
/// the clients' pace and `max_connections` bound the rest, and a login that waited for a slot
/// half-way would let stalling clients stall all others.
class relayed_session final : public relay_owner {
public:
    /// Any thread. Counts a refusal by cluster and SQLSTATE.
    using refusal_counter = std::function<void(std::string_view, std::string_view)>;

    /// `held_since`: when it came to the gate. `server`: the endpoint and address it is connected
    /// to; the key comes with the login. `own_key`: the entry in `cancels` of the key that the
    /// client got from us, empty when that needs none; absent: the client has the server's key.
    /// `refused` outlives it. `client`: for the log, until the login is over; null when it is over
    /// already.
    relayed_session(
        client_group_ptr group,
        time_point held_since,
        cancel_target server,
        permit admitted,
        cancel_registry& cancels,
        const refusal_counter& refused,
        std::optional<registered_key> own_key,
        std::size_t worker_index,
        load_guard load,
        quota_guards quotas = {},
        passthrough_sessions::entry tls_passthrough = {},
        std::unique_ptr<const session_identity> client = nullptr
    );

    void logged_in(std::string server_key, time_point now) noexcept override;
    void login_timed_out() noexcept override;
    void busy_changed(bool busy, time_point now) noexcept override;
    void listening_changed(bool listening, time_point now) noexcept override;

    [[nodiscard]] server_group group() const noexcept override { return &group_->target; }

    void add_to(session_tally& tally) const noexcept override;
    void server_ended() noexcept override;
    [[nodiscard]] std::string final_message(const relay_error& error) const override;
    void ended() noexcept override;

private:
    void end_login() noexcept;
    void judge_activity(time_point now) noexcept;
    void count_as(bool active, time_point now) noexcept;
    [[nodiscard]] session_activity activity() const noexcept;
    [[nodiscard]] bool listens_and_counts() const noexcept;

    // Fields that each query touches come first: one cache line.
    client_group_ptr group_;
    traffic_counters& counters_;
    time_point since_;       ///< of being held, busy or idle
    const bool keeps_awake_; ///< false: it does not count
    const bool has_own_key_;
    bool logged_in_ = false;
    bool login_counted_ = false; ///< as demand
    bool busy_ = false;
    bool listening_ = false;
    bool counted_ = false; ///< as active
    permit permit_;
    cancel_registry& cancels_;
    const refusal_counter& refused_;
    cancel_target server_;
    registered_key key_; ///< empty when the client's key needs no entry, or has none yet
    load_guard load_;
    std::unique_ptr<const quota_guards> quotas_; ///< null: no limit counts it
    passthrough_sessions::entry tls_passthrough_;
    std::unique_ptr<const session_identity> client_; ///< null once it has logged in
};

} // namespace wakegate::proxy
