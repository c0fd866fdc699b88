#include "proxy/session/relayed_session.hpp"

#include "common/log.hpp"
#include "proxy/gate/hold_log.hpp"
#include "proxy/session/client_error.hpp"

#include <utility>

namespace wakegate::proxy {

relayed_session::relayed_session(
    client_group_ptr group,
    time_point held_since,
    cancel_target server,
    permit admitted,
    cancel_registry& cancels,
    const refusal_counter& refused,
    std::optional<registered_key> own_key,
    std::size_t worker_index,
    load_guard load,
    quota_guards quotas,
    passthrough_sessions::entry tls_passthrough,
    std::unique_ptr<const session_identity> client
)
    : group_(std::move(group)),
      counters_(group_->target.traffic.of_worker(worker_index)),
      since_(held_since),
      keeps_awake_(keeps_awake(group_->wakes)),
      has_own_key_(own_key.has_value()),
      permit_(std::move(admitted)),
      cancels_(cancels),
      refused_(refused),
      server_(std::move(server)),
      key_(std::move(own_key).value_or(registered_key())),
      load_(std::move(load)),
      quotas_(
          quotas.any_counted() ? std::make_unique<const quota_guards>(std::move(quotas)) : nullptr
      ),
      tls_passthrough_(std::move(tls_passthrough)),
      client_(std::move(client)) {
    if (may_wake(group_->wakes)) {
        login_counted_ = true;
        counters_.login_started();
    }
    permit_.login_ended();
}

void relayed_session::logged_in(std::string server_key, time_point now) noexcept {
    logged_in_ = true;
    since_ = now;
    client_.reset();
    if (!has_own_key_ && !server_key.empty()) {
        server_.backend_key = server_key;
        key_ = cancels_.add(server_key, server_);
    }
    if (keeps_awake_) {
        counters_.session_opened();
        counters_.touch(now);
    }
    end_login();
}

void relayed_session::login_timed_out() noexcept {
    const auto error = to_client_error(relay_error{relay_errc::login_timeout});
    {
        auto line = log::info("session_refused");
        session_log_fields{group_->target.settings.name, permit_.id(), client_.get()}.add_to(line);
        line.with("sqlstate", error.sqlstate).with("reason", error.message);
    }
    refused_(group_->target.settings.name, error.sqlstate);
}

void relayed_session::busy_changed(bool busy, time_point now) noexcept {
    busy_ = busy;
    since_ = now;
    judge_activity(now);
}

void relayed_session::listening_changed(bool listening, time_point now) noexcept {
    listening_ = listening;
    judge_activity(now);
}

void relayed_session::add_to(session_tally& tally) const noexcept {
    tally.add(group_, activity(), since_);
}

void relayed_session::server_ended() noexcept {
    group_->target.gate->server_ended_session();
}

std::string relayed_session::final_message(const relay_error& error) const {
    return to_client_error(error).to_message();
}

void relayed_session::ended() noexcept {
    log::debug("session_closed")
        .with("cluster", group_->target.settings.name)
        .with("logged_in", logged_in_);
    if (logged_in_ && keeps_awake_) {
        if (counted_) {
            count_as(false, clock::now());
        }
        counters_.session_closed();
    }
    key_ = registered_key();
    end_login();
}

void relayed_session::end_login() noexcept {
    if (std::exchange(login_counted_, false)) {
        counters_.login_ended();
    }
}

void relayed_session::judge_activity(time_point now) noexcept {
    if (keeps_awake_) {
        count_as(busy_ || listens_and_counts(), now);
    }
}

session_activity relayed_session::activity() const noexcept {
    if (!logged_in_) {
        return session_activity::held;
    }
    return busy_ || listens_and_counts() ? session_activity::busy : session_activity::idle;
}

bool relayed_session::listens_and_counts() const noexcept {
    return listening_ && group_->target.settings.count_listening_sessions;
}

void relayed_session::count_as(bool active, time_point now) noexcept {
    if (active == counted_) {
        counters_.touch(now);
        return;
    }
    counted_ = active;
    if (!active) {
        counters_.became_idle(now);
    } else if (counters_.became_busy(now)) {
        group_->target.gate->traffic_resumed();
    }
}

} // namespace wakegate::proxy
