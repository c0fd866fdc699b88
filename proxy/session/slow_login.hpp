#pragma once

#include "proxy/gate/permit.hpp"
#include "proxy/session/client_error.hpp"
#include "proxy/session/cluster.hpp"
#include "proxy/session/hangup_watch.hpp"
#include "proxy/session/login_timeout_policy.hpp"
#include "proxy/session/session_request.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <optional>

namespace wakegate::proxy {

/// A session's patience with its server: as long as the cluster's prober finds the server there,
/// the login goes on on its one connection until the client's own time is over, or the client
/// leaves. Dialled anew, it would run the server's login triggers once more, to be as late again.
///
/// Costs nothing before the first `login_timeout` of silence. From then on the login has no login
/// slot: those are for logins that end soon.
class slow_login final : public login_timeout_policy {
public:
    /// What it is given outlives it.
    slow_login(
        boost::asio::ip::tcp::socket& client,
        const session_request& task,
        ticket who,
        permit& admitted
    );

    [[nodiscard]] time_point until() const noexcept override { return until_; }

    [[nodiscard]] boost::asio::awaitable<bool> server_is_there(async_socket& server) override;

    /// The client has gone: nobody is left to be told anything.
    [[nodiscard]] bool client_left() const noexcept { return client_left_; }

    /// After a dial that came to nothing: what to tell the client if its time has ended it.
    [[nodiscard]] std::optional<client_error> refusal() const;

private:
    void begin(async_socket& server);

    boost::asio::ip::tcp::socket& client_;
    const session_request& task_;
    ticket who_;
    permit& admitted_;
    time_point until_;
    bool there_ = false; ///< as the prober said last
    bool client_left_ = false;
    std::optional<hangup_watch> watch_; ///< once it is slow
};

} // namespace wakegate::proxy
