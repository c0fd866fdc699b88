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

/// How often the operator's files are looked at. Kubernetes takes a minute to bring a new Secret to
/// its mounts.
constexpr auto files_look = seconds(5);

auto wall_seconds() {
    return std::chrono::floor<seconds>(std::chrono::system_clock::now());
}

} // namespace

verifier_refresher::verifier_refresher(
    asio::io_context& control, std::string cluster, verifier_settings from, verifier_store* store
)
    : control_(control),
      cluster_(std::move(cluster)),
      files_(std::move(from.files)),
      roles_(std::move(from.roles)),
      query_(std::move(from.query)),
      store_(store),
      schedule_(
          from.refresh_interval, from.max_age, query_ && !store_->of(cluster_).empty(), clock::now()
      ),
      files_timer_(control),
      query_timer_(control) {
    if (query_) {
        roles_->replace_server_roles(std::make_shared<const auth::role_table>(store_->of(cluster_))
        );
    }
}

struct verifier_refresher::begin_wait {
    template <typename Handler> void operator()(Handler&& reply, verifier_refresher* keeper) const {
        asio::post(
            keeper->control_,
            [keeper, reply = continuation(std::forward<Handler>(reply))]() mutable {
                const auto now = clock::now();
                const auto since = keeper->schedule_.login_began(now);
                if (!since) {
                    asio::dispatch(std::move(reply));
                    return;
                }
                const auto patience =
                    std::min(keeper->query_->timeout, refresh_schedule::max_login_wait);
                keeper->logins_.push_back({std::move(reply), *since, now + patience});
                keeper->settle();
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
            schedule_.login_failed(clock::now());
            settle();
        });
    }
}

void verifier_refresher::start() {
    if (has_files()) {
        look_again_later();
    }
    settle();
}

void verifier_refresher::set_awake(bool awake) {
    if (awake == schedule_.awake()) {
        return;
    }
    if (awake) {
        schedule_.woke(clock::now());
    } else {
        schedule_.fell_asleep();
        let_all_in();
    }
    settle();
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

void verifier_refresher::look_again_later() {
    files_timer_.expires_after(files_look);
    files_timer_.async_wait([this](boost::system::error_code stopped) {
        if (!stopped) {
            reload_files_if_changed();
            look_again_later();
        }
    });
}

void verifier_refresher::reload_files_if_changed() {
    try {
        const auto book = files_.read_if_changed();
        files_complaint_.clear();
        if (book == nullptr) {
            return;
        }
        log::info("roles_loaded")
            .with("cluster", cluster_)
            .with("path", files_.path())
            .with("roles", book->size());
        roles_->replace_file_roles(book);
    } catch (const std::exception& problem) {
        if (files_complaint_ != problem.what()) {
            files_complaint_ = problem.what();
            log::warning("roles_kept").with("cluster", cluster_).with("reason", files_complaint_);
        }
    }
}

/// After every input: asks when it is time to, or sees to it that it will.
void verifier_refresher::settle() {
    if (!query_) {
        return;
    }
    const auto now = clock::now();
    let_in([now](const waiting_login& one) { return one.give_up_at <= now; });
    if (schedule_.due(now)) {
        ask_server();
    }
    auto next = schedule_.next_due();
    if (!logins_.empty()) {
        next = std::min(next, logins_.front().give_up_at);
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
            settle();
        }
    });
}

void verifier_refresher::ask_server() {
    asked_at_ = clock::now();
    schedule_.began(asked_at_);
    asio::co_spawn(
        control_,
        query_roles(*query_),
        [this](const std::exception_ptr& failure, const auth_query_result& answer) {
            server_answered(failure ? auth_query_result{{}, "out of resources"} : answer);
        }
    );
}

void verifier_refresher::server_answered(const auth_query_result& answer) {
    const auto failure = answer.failure.empty() ? take_over(answer) : answer.failure;
    if (failure.empty()) {
        last_failure_.clear();
        lockout_logged_ = false;
        let_in([this](const waiting_login& one) { return one.since <= asked_at_; });
    } else {
        note_failure(failure, answer.reached);
        warn_of_lockout(failure, answer.reached);
        let_all_in();
    }
    schedule_.ended(clock::now(), failure.empty());
    settle();
}

/// Its place in the queue is gone before a login goes on.
void verifier_refresher::let_in(const std::function<bool(const waiting_login&)>& is_done) {
    while (!logins_.empty() && is_done(logins_.front())) {
        auto go_on = std::move(logins_.front().go_on);
        logins_.pop_front();
        asio::dispatch(std::move(go_on));
    }
}

void verifier_refresher::let_all_in() {
    let_in([](const waiting_login&) { return true; });
}

std::string verifier_refresher::take_over(const auth_query_result& answer) {
    const auto now = wall_seconds();
    auto read = read_role_rows(cluster_, answer.rows, now);
    if (auto* const reason = std::get_if<std::string>(&read)) {
        return std::move(*reason);
    }
    auto& found = std::get<server_roles>(read);
    const auto count = found.roles.size();
    roles_->replace_server_roles(
        std::make_shared<const auth::role_table>(found.roles, found.without_verifier)
    );
    const bool is_news = store_->replace(cluster_, std::move(found.roles));
    refreshed_at_ = now;
    const auto took = clock::now() - asked_at_;
    // Each login may have it asked; that nothing has changed is no news.
    log::event(is_news ? log::level::info : log::level::debug, "verifiers_refreshed")
        .with("cluster", cluster_)
        .with("roles", count)
        .with("without_verifier", found.without_verifier.size())
        .with("took_ms", std::chrono::duration_cast<milliseconds>(took).count());
    return {};
}

/// A server that is not there is as it should be while the cluster sleeps; one that refuses is for
/// the operator to see, once.
void verifier_refresher::note_failure(const std::string& reason, bool reached) {
    const bool is_news = reason != last_failure_;
    last_failure_ = reason;
    if (!reached && !schedule_.awake()) {
        log::debug("verifiers_out_of_reach").with("cluster", cluster_).with("reason", reason);
    } else if (is_news) {
        log::warning("verifiers_refresh_failed").with("cluster", cluster_).with("reason", reason);
    }
}

/// Nobody can prove who it is then, and so nobody can wake the cluster.
void verifier_refresher::warn_of_lockout(const std::string& reason, bool reached) {
    if (!roles_->empty() || std::exchange(lockout_logged_, true)) {
        return;
    }
    constexpr std::string_view until_it_starts =
        "start the server once by other means (the gate asks it for its roles then)";
    constexpr std::string_view until_it_tells = "correct what the reason names";
    log::warning("no_roles_known")
        .with("cluster", cluster_)
        .with("reason", reason)
        .with(
            "remedy",
            fmt::format(
                "nobody can log in, so nobody can wake it: {}, or give a userlist with one role",
                reached ? until_it_tells : until_it_starts
            )
        );
}

} // namespace wakegate::proxy
