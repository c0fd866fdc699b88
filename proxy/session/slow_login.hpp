#pragma once

#include "proxy/backend/login_timeout_policy.hpp"
#include "proxy/gate/permit.hpp"
#include "proxy/session/hangup_watch.hpp"
#include "proxy/session/session_request.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <optional>

namespace wakegate::proxy {

/// As long as the cluster's prober finds the server there, a login goes on on its one connection
/// until the client's own time is over, or the client leaves. On a new connection it would run the
/// server's login triggers once more, to be as late again.
///
/// Costs nothing before the first `login_timeout` of silence. From then on the login has no login
/// slot: those are for logins that end soon.
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

    /// The client has gone: nobody is left to be told anything.
    [[nodiscard]] bool client_left() const noexcept { return client_left_; }

    /// After a login that came to nothing: the client's time has ended it, not the server.
    [[nodiscard]] bool timed_out() const noexcept;

private:
    void begin(async_socket& server);

    boost::asio::ip::tcp::socket& client_;
    const session_request& request_;
    ticket session_;
    permit& admitted_;
    time_point deadline_;
    bool alive_ = false; ///< as the prober said last
    bool client_left_ = false;
    std::optional<hangup_watch> watch_; ///< once it is slow
};

} // namespace wakegate::proxy
