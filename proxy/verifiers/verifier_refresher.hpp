#pragma once

#include "common/clock.hpp"
#include "proxy/auth/role_store.hpp"
#include "proxy/libpq/auth_query.hpp"
#include "proxy/verifiers/refresh_schedule.hpp"
#include "proxy/verifiers/role_files.hpp"
#include "proxy/verifiers/verifier_store.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace wakegate::proxy {

/// Where one cluster's verifiers come from.
struct verifier_settings {
    role_files files; ///< read once, for `roles`
    std::shared_ptr<auth::role_store> roles;
    std::optional<auth_query_settings> query = {};
    milliseconds refresh_interval{300'000};
    /// The maximum age of the server's answer that a login uses while the server is awake.
    milliseconds max_age{0};
};

/// How many roles a server has reported, and when.
struct verifier_stats {
    std::size_t roles = 0; ///< including those stored by an earlier process
    /// By the wall clock; 1970: not by this process.
    std::chrono::sys_seconds refreshed_at{};
};

/// Keeps one cluster's roles up to date, on the control thread: rereads the operator's files when
/// they change, queries the server while it is awake, and stores its answers. Lives until the
/// control context has stopped.
class verifier_refresher {
public:
    /// `store` knows the cluster, and may be null when no server is queried.
    verifier_refresher(
        boost::asio::io_context& control,
        std::string cluster,
        verifier_settings settings,
        verifier_store* store
    );
    verifier_refresher(const verifier_refresher&) = delete;
    verifier_refresher& operator=(const verifier_refresher&) = delete;

    /// Any thread. Before a login looks its role up, whatever the role: if there is an auth_query
    /// and the server is awake, waits for a recent enough answer, at most the shorter of
    /// auth_query.timeout and a second, see `refresh_schedule`. Never wakes the server.
    [[nodiscard]] boost::asio::awaitable<void> await_recent_roles();
    /// Any thread. The next login needs the answer to a query that starts after this.
    void login_failed();

    // Control thread only, from here on.
    void start();
    /// As the cluster's gate sees it.
    void set_awake(bool awake);

    /// The operator has given files of roles.
    [[nodiscard]] bool has_files() const noexcept { return !files_.path().empty(); }

    /// Called by itself every few seconds. Precondition: `has_files()`.
    void reload_files_if_changed();
    /// At shutdown: destroys the handlers of logins that still wait, without calling them.
    void abandon();

    /// Nothing when no server is queried.
    [[nodiscard]] std::optional<verifier_stats> stats() const;

private:
    using continuation = boost::asio::any_completion_handler<void()>;

    /// A login that waits for the answer to a query started at `asked_after` or later.
    struct waiting_login {
        continuation resume;
        time_point asked_after;
        time_point deadline;
    };

    struct begin_wait;

    void schedule_file_check();

    void update();
    void ask_server();
    void server_answered(const auth_query_result& answer);
    /// An error when the rows change nothing.
    [[nodiscard]] boost::system::result<void, auth_query_error>
    apply_rows(const std::vector<role_row>& rows);
    void log_failure(const auth_query_error& error);
    void warn_if_nobody_can_log_in(const auth_query_error& error);
    void release_logins(const std::function<bool(const waiting_login&)>& is_done);
    void release_all_logins();

    boost::asio::io_context& control_;
    std::string cluster_;
    role_files files_;
    std::shared_ptr<auth::role_store> roles_;
    std::optional<auth_query_settings> query_;
    verifier_store* store_;
    refresh_schedule schedule_;
    boost::asio::steady_timer files_timer_;
    boost::asio::steady_timer query_timer_;
    std::deque<waiting_login> logins_; ///< in the order they came
    time_point asked_at_{};
    std::chrono::sys_seconds refreshed_at_{};
    std::string last_failure_;     ///< empty after a success; to log each reason once
    std::string last_files_error_; ///< the same, of the files
    bool lockout_warned_ = false;  ///< since the last successful query
};

} // namespace wakegate::proxy
