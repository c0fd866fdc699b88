#include "proxy/verifiers/verifier_refresher.hpp"

#include "common/log.hpp"
#include "proxy/verifiers/role_rows.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <string_view>
#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

/// How often the operator's files are checked. Kubernetes takes a minute to update a Secret's
/// mounts.
constexpr auto file_check_interval = seconds(5);

auto wall_seconds() {
    return std::chrono::floor<seconds>(std::chrono::system_clock::now());
}

} // namespace

verifier_refresher::verifier_refresher(
    asio::io_context& control,
    std::string cluster,
    verifier_settings settings,
    verifier_store* store
)
    : control_(control),
      cluster_(std::move(cluster)),
      files_(std::move(settings.files)),
      roles_(std::move(settings.roles)),
      query_(std::move(settings.query)),
      store_(store),
      schedule_(
          settings.refresh_interval,
          settings.max_age,
          query_ && !store_->roles_of(cluster_).empty(),
          clock::now()
      ),
      files_timer_(control),
      query_timer_(control) {
    if (query_) {
        roles_->replace_server_roles(
            std::make_shared<const auth::role_table>(store_->roles_of(cluster_))
        );
    }
}

struct verifier_refresher::begin_wait {
    template <typename Handler>
    void operator()(Handler&& handler, verifier_refresher* refresher) const {
        asio::post(
            refresher->control_,
            [refresher, handler = continuation(std::forward<Handler>(handler))]() mutable {
                const auto now = clock::now();
                const auto asked_after = refresher->schedule_.on_login(now);
                if (!asked_after) {
                    asio::dispatch(std::move(handler));
                    return;
                }
                const auto timeout =
                    std::min(refresher->query_->timeout, refresh_schedule::max_login_wait);
                refresher->logins_.push_back({std::move(handler), *asked_after, now + timeout});
                refresher->update();
            }
        );
    }
};

asio::awaitable<void> verifier_refresher::await_recent_roles() {
    if (query_) {
        co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(
            begin_wait(), asio::use_awaitable, this
        );
    }
}

void verifier_refresher::login_failed() {
    if (query_) {
        asio::post(control_, [this] {
            schedule_.on_login_failure(clock::now());
            update();
        });
    }
}

void verifier_refresher::start() {
    if (has_files()) {
        schedule_file_check();
    }
    update();
}

void verifier_refresher::set_awake(bool awake) {
    if (awake == schedule_.awake()) {
        return;
    }
    if (awake) {
        schedule_.on_wake(clock::now());
    } else {
        schedule_.on_sleep();
        release_all_logins();
    }
    update();
}

void verifier_refresher::abandon() {
    std::exchange(logins_, {}).clear();
}

std::optional<verifier_stats> verifier_refresher::stats() const {
    if (!query_) {
        return std::nullopt;
    }
    return verifier_stats{.roles = roles_->server_role_count(), .refreshed_at = refreshed_at_};
}

void verifier_refresher::schedule_file_check() {
    files_timer_.expires_after(file_check_interval);
    files_timer_.async_wait([this](boost::system::error_code stopped) {
        if (!stopped) {
            reload_files_if_changed();
            schedule_file_check();
        }
    });
}

void verifier_refresher::reload_files_if_changed() {
    try {
        const auto table = files_.read_if_changed();
        last_files_error_.clear();
        if (table == nullptr) {
            return;
        }
        log::info("roles_loaded")
            .with("cluster", cluster_)
            .with("path", files_.path())
            .with("roles", table->size());
        roles_->replace_file_roles(table);
    } catch (const std::exception& problem) {
        if (last_files_error_ != problem.what()) {
            last_files_error_ = problem.what();
            log::warning("roles_kept").with("cluster", cluster_).with("reason", last_files_error_);
        }
    }
}

/// Call after every input: queries the server when that is due, else sets the timer.
void verifier_refresher::update() {
    if (!query_) {
        return;
    }
    const auto now = clock::now();
    release_logins([now](const waiting_login& login) { return login.deadline <= now; });
    if (schedule_.due(now)) {
        ask_server();
    }
    auto next = schedule_.next_due();
    if (!logins_.empty()) {
        next = std::min(next, logins_.front().deadline);
    }
    if (next == query_timer_.expiry()) {
        return;
    }
    query_timer_.expires_at(next);
    if (next == time_point::max()) {
        return;
    }
    query_timer_.async_wait([this](boost::system::error_code stopped) {
        if (!stopped) {
            update();
        }
    });
}

void verifier_refresher::ask_server() {
    asked_at_ = clock::now();
    schedule_.on_query_start(asked_at_);
    asio::co_spawn(
        control_,
        query_roles(*query_),
        [this](const std::exception_ptr& failure, const auth_query_result& answer) {
            if (failure) {
                server_answered(auth_query_error{.reason = "out of resources", .reached = false});
            } else {
                server_answered(answer);
            }
        }
    );
}

void verifier_refresher::server_answered(const auth_query_result& answer) {
    boost::system::result<void, auth_query_error> applied;
    if (answer) {
        applied = apply_rows(*answer);
    } else {
        applied = answer.error();
    }
    if (applied) {
        last_failure_.clear();
        lockout_warned_ = false;
        release_logins([this](const waiting_login& login) { return login.asked_after <= asked_at_; }
        );
    } else {
        log_failure(applied.error());
        warn_if_nobody_can_log_in(applied.error());
        release_all_logins();
    }
    schedule_.on_query_end(clock::now(), applied.has_value());
    update();
}

/// Removes each login from the queue before resuming it.
void verifier_refresher::release_logins(const std::function<bool(const waiting_login&)>& is_done) {
    while (!logins_.empty() && is_done(logins_.front())) {
        auto resume = std::move(logins_.front().resume);
        logins_.pop_front();
        asio::dispatch(std::move(resume));
    }
}

void verifier_refresher::release_all_logins() {
    release_logins([](const waiting_login&) { return true; });
}

boost::system::result<void, auth_query_error>
verifier_refresher::apply_rows(const std::vector<role_row>& rows) {
    const auto now = wall_seconds();
    auto read = read_role_rows(cluster_, rows, now);
    if (!read) {
        return read.error();
    }
    auto& found = *read;
    const auto count = found.roles.size();
    roles_->replace_server_roles(
        std::make_shared<const auth::role_table>(found.roles, found.without_verifier)
    );
    const bool has_changed = store_->replace(cluster_, std::move(found.roles));
    refreshed_at_ = now;
    const auto took = clock::now() - asked_at_;
    // Each login may cause a query, so one that changes nothing is not logged as information.
    log::event(has_changed ? log::level::info : log::level::debug, "verifiers_refreshed")
        .with("cluster", cluster_)
        .with("roles", count)
        .with("without_verifier", found.without_verifier.size())
        .with("took_ms", std::chrono::duration_cast<milliseconds>(took).count());
    return {};
}

/// An unreachable server is normal while the cluster sleeps. Any other failure is for the operator,
/// and is logged once.
void verifier_refresher::log_failure(const auth_query_error& error) {
    const bool has_changed = error.reason != last_failure_;
    last_failure_ = error.reason;
    if (!error.reached && !schedule_.awake()) {
        log::debug("verifiers_out_of_reach").with("cluster", cluster_).with("reason", error.reason);
    } else if (has_changed) {
        log::warning("verifiers_refresh_failed")
            .with("cluster", cluster_)
            .with("reason", error.reason);
    }
}

/// Without any role no client can log in, so none can wake the cluster.
void verifier_refresher::warn_if_nobody_can_log_in(const auth_query_error& error) {
    if (!roles_->empty() || std::exchange(lockout_warned_, true)) {
        return;
    }
    constexpr std::string_view until_it_starts =
        "start the server once by other means (the gate asks it for its roles then)";
    constexpr std::string_view until_it_tells = "correct what the reason names";
    log::warning("no_roles_known")
        .with("cluster", cluster_)
        .with("reason", error.reason)
        .with(
            "remedy",
            fmt::format(
                "nobody can log in, so nobody can wake it: {}, or give a userlist with one role",
                error.reached ? until_it_tells : until_it_starts
            )
        );
}

} // namespace wakegate::proxy
