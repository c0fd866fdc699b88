#pragma once

#include "proxy/backend/login_timeout_policy.hpp"
#include "proxy/gate/permit.hpp"
#include "proxy/session/hangup_watch.hpp"
#include "proxy/session/session_request.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <optional>

namespace wakegate::proxy {

/// While the prober finds the server there, a login stays on its one connection until the client's
/// deadline passes or the client leaves. A new connection would run the server's login triggers
/// once more, and be as late.
///
/// Costs nothing before the first `login_timeout` of silence. Then it gives up the login slot:
/// those are for short logins.
class slow_login final : public login_timeout_policy {
public:
    /// The arguments outlive it.
    slow_login(
        boost::asio::ip::tcp::socket& client,
        const session_request& request,
        ticket session,
        permit& admitted
    );

    [[nodiscard]] time_point deadline() const noexcept override { return deadline_; }

    [[nodiscard]] boost::asio::awaitable<bool> is_server_alive(async_socket& server) override;

    /// The client has hung up: do not send an error.
    [[nodiscard]] bool client_left() const noexcept { return client_left_; }

    /// After a failed login: the client's deadline ended it, not the server.
    [[nodiscard]] bool timed_out() const noexcept;

private:
    void begin(async_socket& server);

    boost::asio::ip::tcp::socket& client_;
    const session_request& request_;
    ticket session_;
    permit& admitted_;
    time_point deadline_;
    bool alive_ = false; ///< the prober's last result
    bool client_left_ = false;
    std::optional<hangup_watch> watch_; ///< while it is slow
};

} // namespace wakegate::proxy
