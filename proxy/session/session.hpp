#pragma once

#include "common/clock.hpp"
#include "proxy/gate/permit.hpp"
#include "proxy/net/client_socket.hpp"
#include "proxy/net/worker.hpp"
#include "proxy/route/router.hpp"
#include "proxy/route/wake_class.hpp"
#include "proxy/session/cancel_desk.hpp"
#include "proxy/session/client_limits.hpp"
#include "proxy/session/cluster.hpp"
#include "proxy/session/destination.hpp"
#include "proxy/session/dial_as.hpp"
#include "proxy/session/entrance.hpp"
#include "proxy/session/greet.hpp"
#include "proxy/session/identify.hpp"
#include "proxy/session/login_guard.hpp"
#include "proxy/session/refusal_text.hpp"
#include "proxy/wire/startup_decoder.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace wakegate::proxy {

/// What all sessions share. Immutable but for the desk, the guard and the limits; outlives every
/// session.
struct session_surroundings {
    router routes;
    cluster_map clusters;
    cancel_desk cancels;
    login_guard logins;
    newcomer_limits limits;
    milliseconds startup_timeout{10'000};
    milliseconds authentication_timeout{10'000};
    milliseconds tls_timeout{10'000};
    /// Any thread. Counts a refusal that no gate has counted.
    std::function<void(std::string_view cluster, std::string_view sqlstate)> refused;
    /// Any thread. Counts what became of a cancel: "forwarded", "hopped", "dropped".
    std::function<void(std::string_view outcome)> cancelled;
};

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
    /// All that a session which waits has to remember, and no more: there may be thousands.
    struct errand {
        cluster* where;
        const cluster_settings* door; ///< by which to dial it
        std::string startup;          ///< for the server
        std::string role;
        bool unopened = false; ///< `startup` is the ClientHello
        identity who_is_it; ///< null in `auth: passthrough`: the server asks for the proof itself
        wake_class what_it_may;
        std::uint32_t protocol = 0; ///< agreed on with the client; when `who_is_it`
        time_point deadline;        ///< of the hold
    };

    enum class reached {
        relay,
        nothing, ///< the server was not there: to the gate again
        refusal,
    };

    // Each gives nothing when the client wanted something else, was refused or left. What they need
    // is gone when the waiting begins.
    [[nodiscard]] boost::asio::awaitable<std::optional<errand>> welcome(bool is_full);
    [[nodiscard]] greeting_rules
    rules_within(milliseconds startup_timeout, milliseconds tls_timeout) const;
    /// Takes what a newcomer takes of bounded goods, or says what there is too little of.
    [[nodiscard]] std::optional<refusal_text> take_place(bool is_full);
    [[nodiscard]] boost::asio::awaitable<void> turn_away_at_the_door(refusal_text why);
    [[nodiscard]] boost::asio::awaitable<void> end_greeting(greeting greeted);
    [[nodiscard]] boost::asio::awaitable<std::optional<errand>> admit(wire::startup_message startup
    );
    /// The same for a client whose TLS is the server's.
    [[nodiscard]] boost::asio::awaitable<std::optional<errand>>
    admit_unopened(wire::client_hello hello);
    /// The client's certificate, if the listener goes by it, is one of this role's.
    [[nodiscard]] bool is_certified_for(std::string_view role) const;

    [[nodiscard]] boost::asio::awaitable<void> enter_and_dial(const errand& task);
    /// Holds the session until it may dial, or gives why it may not.
    [[nodiscard]] boost::asio::awaitable<std::optional<refusal>>
    wait_at_gate(const errand& task, ticket who, bool came_back);
    /// In the form that the client understands.
    [[nodiscard]] boost::asio::awaitable<void> turn_away(refusal_text why);
    [[nodiscard]] boost::asio::awaitable<reached>
    dial_and_hand_over(const errand& task, ticket who, permit& admitted);
    [[nodiscard]] boost::asio::awaitable<dialled> reach(const errand& task);
    [[nodiscard]] boost::asio::awaitable<void> cancel(std::string key);
    [[nodiscard]] std::variant<destination, refusal_text>
    find_way(std::string_view server_name, wire::startup_message startup) const;
    [[nodiscard]] wake_class
    judge(const cluster_settings& where, const wire::startup_message& startup) const;
    [[nodiscard]] session_number replace_key(const errand& task, std::string& server_said);
    void hand_over(const errand& task, permit admitted, dialled attempt);

    client_socket client_;
    const entrance& by_;
    worker& home_;
    session_surroundings& around_;
    load_share load_;
    session_places places_;
    bool told_to_wait_ = false;
};

} // namespace wakegate::proxy
