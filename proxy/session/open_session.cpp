#include "proxy/session/open_session.hpp"

#include "common/log.hpp"
#include "proxy/session/refusal_text.hpp"

#include <utility>

namespace wakegate::proxy {

open_session::open_session(
    cluster& where,
    cancel_address server,
    wake_class what_it_may,
    permit admitted,
    cancel_registry& cancels,
    const refusal_counter& refused,
    std::optional<registered_key> own_key,
    std::size_t worker_index,
    load_share load,
    session_places places,
    passthrough_sessions::entry unopened
)
    : cluster_(where),
      counters_(where.traffic.of_worker(worker_index)),
      keeps_awake_(keeps_awake(what_it_may)),
      permit_(std::move(admitted)),
      cancels_(cancels),
      refused_(refused),
      server_(std::move(server)),
      has_own_key_(own_key.has_value()),
      key_(std::move(own_key).value_or(registered_key())),
      load_(std::move(load)),
      places_(places.taken() ? std::make_unique<const session_places>(std::move(places)) : nullptr),
      unopened_(std::move(unopened)) {
    if (may_wake(what_it_may)) {
        login_counted_ = true;
        counters_.login_begun();
    }
    permit_.login_over();
}

void open_session::logged_in(std::string server_key, time_point now) noexcept {
    logged_in_ = true;
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

void open_session::login_timed_out() noexcept {
    const auto why = authentication_too_slow();
    log::info("session_refused")
        .with("cluster", cluster_.settings.name)
        .with("sqlstate", why.sqlstate)
        .with("reason", why.message);
    refused_(cluster_.settings.name, why.sqlstate);
}

void open_session::busy_changed(bool busy, time_point now) noexcept {
    busy_ = busy;
    judge_activity(now);
}

void open_session::listening_changed(bool listening, time_point now) noexcept {
    listening_ = listening;
    judge_activity(now);
}

void open_session::ended() noexcept {
    log::debug("session_closed")
        .with("cluster", cluster_.settings.name)
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

void open_session::end_login() noexcept {
    if (std::exchange(login_counted_, false)) {
        counters_.login_over();
    }
}

void open_session::judge_activity(time_point now) noexcept {
    if (keeps_awake_) {
        count_as(busy_ || (listening_ && cluster_.settings.listening_counts), now);
    }
}

void open_session::count_as(bool active, time_point now) noexcept {
    if (active == counted_) {
        counters_.touch(now);
        return;
    }
    counted_ = active;
    if (!active) {
        counters_.became_idle(now);
    } else if (counters_.became_busy(now)) {
        cluster_.keeper->traffic_woke();
    }
}

} // namespace wakegate::proxy
