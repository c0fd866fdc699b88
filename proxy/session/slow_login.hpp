#pragma once

#include "proxy/gate/permit.hpp"
#include "proxy/session/cluster.hpp"
#include "proxy/session/errand.hpp"
#include "proxy/session/hangup_watch.hpp"
#include "proxy/session/login_patience.hpp"
#include "proxy/session/refusal_text.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <optional>

namespace wakegate::proxy {

/// A session's patience with its server: as long as the cluster's prober finds the server there,
/// the login goes on on its one connection until the client's own time is over, or the client
/// leaves. Dialled anew, it would run the server's login triggers once more, to be as late again.
///
/// Costs nothing before the first `login_timeout` of silence. From then on the login has no login
/// slot: those are for logins that end soon.
class slow_login final : public login_patience {
public:
    /// What it is given outlives it.
    slow_login(
        boost::asio::ip::tcp::socket& client, const errand& task, ticket who, permit& admitted
    );

    [[nodiscard]] time_point until() const noexcept override { return until_; }

    [[nodiscard]] boost::asio::awaitable<bool> server_is_there(front_socket& server) override;

    /// The client has gone: nobody is left to be told anything.
    [[nodiscard]] bool client_left() const noexcept { return client_left_; }

    /// After a dial that came to nothing: what to tell the client if its time has ended it.
    [[nodiscard]] std::optional<refusal_text> refusal() const;

private:
    void begin(front_socket& server);

    boost::asio::ip::tcp::socket& client_;
    const errand& task_;
    ticket who_;
    permit& admitted_;
    time_point until_;
    bool there_ = false; ///< as the prober said last
    bool client_left_ = false;
    std::optional<hangup_watch> watch_; ///< once it is slow
};

} // namespace wakegate::proxy
