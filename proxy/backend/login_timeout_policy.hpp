#pragma once

#include "common/clock.hpp"
#include "proxy/net/async_socket.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// Decides whether a login whose server is silent continues. The server may be gone or only slow: a
/// Postgres with `trust` authentication sends nothing until its login triggers are done. Lives on
/// the session's executor.
class login_timeout_policy {
public:
    virtual ~login_timeout_policy() = default;

    /// When the login is ended even if the server is alive.
    [[nodiscard]] virtual time_point deadline() const noexcept = 0;
    /// Called after each `login_timeout` of silence, and once `deadline` has passed: whether the
    /// login continues until then. Waits on `server`, the login's, may be cancelled at any time.
    [[nodiscard]] virtual boost::asio::awaitable<bool> is_server_alive(async_socket& server) = 0;
};

/// The server's connection for the length of a login.
class login_connection {
public:
    /// The arguments outlive it. `silence`: after how long without bytes `policy` is called.
    login_connection(async_socket& server, duration silence, login_timeout_policy& policy) noexcept
        : server_(server), silence_(silence), policy_(policy) {}

    /// As `async_socket::write`; false also after `silence`.
    [[nodiscard]] boost::asio::awaitable<bool> write(std::string_view data);
    /// As `async_socket::read_some`; 0 also when `policy` has ended the login.
    [[nodiscard]] boost::asio::awaitable<std::size_t> read_some(std::span<char> room);

    /// The last read ended because the server was silent.
    [[nodiscard]] bool timed_out() const noexcept { return timed_out_; }

    /// As `async_socket::error_message`.
    [[nodiscard]] std::string error_message() const { return server_.error_message(); }

private:
    async_socket& server_;
    duration silence_;
    login_timeout_policy& policy_;
    bool timed_out_ = false;
};

} // namespace wakegate::proxy
