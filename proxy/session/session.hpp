#pragma once

#include "common/clock.hpp"
#include "proxy/gate/permit.hpp"
#include "proxy/net/client_socket.hpp"
#include "proxy/net/load_share.hpp"
#include "proxy/net/worker.hpp"
#include "proxy/session/client_limits.hpp"
#include "proxy/session/dial.hpp"
#include "proxy/session/entrance.hpp"
#include "proxy/session/errand.hpp"
#include "proxy/session/held_sessions.hpp"
#include "proxy/session/hold_notice.hpp"
#include "proxy/session/open_session.hpp"
#include "proxy/session/refusal_text.hpp"
#include "proxy/session/session_surroundings.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <optional>
#include <string>

namespace wakegate::proxy {

/// One client's way from its first byte to the relay. Lives on one worker's front, as one coroutine
/// that ends when the relay takes over.
class session {
public:
    session(
        boost::asio::ip::tcp::socket client,
        const entrance& by,
        worker& home,
        session_surroundings& around
    );

    /// greet → certify → route → authenticate → gate → dial → relay; a server that is not there
    /// sends it back to the gate. `is_full`: there are as many clients as there may be; this one is
    /// told so.
    [[nodiscard]] boost::asio::awaitable<void> run(bool is_full);

private:
    enum class reached {
        relay,
        nothing, ///< the server was not there: to the gate again
        refusal,
        hangup, ///< the client has gone
    };

    [[nodiscard]] front_clients& front() const { return around_.fronts[home_.index()]; }

    [[nodiscard]] boost::asio::awaitable<std::optional<errand>> welcome(bool is_full);
    [[nodiscard]] boost::asio::awaitable<void> enter_and_dial(errand& task);
    /// Holds the session until it may dial or may not.
    [[nodiscard]] boost::asio::awaitable<admission>
    wait_at_gate(const errand& task, ticket who, bool came_back);
    /// Null when the client is to get no notice, or has it.
    [[nodiscard]] std::unique_ptr<const hold_notice> begin_notice(const errand& task);
    [[nodiscard]] boost::asio::awaitable<reached>
    dial_and_hand_over(errand& task, ticket who, permit& admitted);
    [[nodiscard]] boost::asio::awaitable<dialled>
    reach(const errand& task, login_patience& patience);
    [[nodiscard]] registered_key
    replace_key(const errand& task, cancel_address server, std::string& server_said);
    /// What the session holds while it is relayed; changes the key in what the server said.
    [[nodiscard]] std::unique_ptr<open_session>
    open(errand& task, permit admitted, dialled& attempt);
    void hand_over(errand& task, permit admitted, dialled attempt);
    /// With the client's address, which is made out once somebody has to be told it.
    [[nodiscard]] const session_identity& identity_of(errand& task) const;

    client_socket client_;
    const entrance& by_;
    worker& home_;
    session_surroundings& around_;
    load_share load_;
    session_places places_;
    held_entry held_;
    /// With `auth: scram`: the client has been sent AuthenticationOk, and the notice behind it.
    bool authentication_ok_sent_ = false;
    time_point notice_due_ = time_point::max(); ///< set when the client begins to wait
};

} // namespace wakegate::proxy
