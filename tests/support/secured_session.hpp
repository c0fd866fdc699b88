#pragma once

#include "proxy/tls/client_context.hpp"
#include "proxy/tls/server_context.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/relay_rig.hpp"
#include "tests/support/tls_far_end.hpp"

#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace wakegate::support {

/// One certificate for all tests of a process.
inline const tls::server_context& test_context() {
    static const auto context = [] {
        const temporary_folder folder;
        write_pair(folder, ".", make_identity());
        const tls::listener_settings from{
            .mode = tls::listener_mode::required, .directory = folder.path()
        };
        return std::make_unique<tls::server_context>(from);
    }();
    return *context;
}

/// The gate's side of a handshake, as on a setup thread.
inline void shake_hands(tls::tls_stream& stream, int descriptor) {
    for (;;) {
        stream.mark_readable();
        switch (stream.handshake()) {
        case tls::tls_stream::progress::done:
            stream.mark_readable();
            return;
        case tls::tls_stream::progress::failed:
            throw std::runtime_error("no TLS: " + stream.failure());
        default:
            pollfd wanted{.fd = descriptor, .events = POLLIN, .revents = 0};
            ::poll(&wanted, 1, 60'000);
        }
    }
}

/// A session in the relay whose client speaks TLS and whose server does not.
struct secured_session {
    far_end socket; ///< below `client`
    std::unique_ptr<tls_far_end> client;
    far_end server;
    std::shared_ptr<recorded_events> events = std::make_shared<recorded_events>();
};

/// Sets O_NONBLOCK and TCP_NODELAY, as the gate does.
inline void send_at_once(const file_descriptor& client, const file_descriptor& server) {
    for (const auto* end : {&client, &server}) {
        ::fcntl(end->get(), F_SETFL, ::fcntl(end->get(), F_GETFL) | O_NONBLOCK);
        const int yes = 1;
        ::setsockopt(end->get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }
}

inline secured_session
relay_secured(proxy::relay_loop& loop, std::string server_output, const tls_client_wishes& wishes) {
    auto [client, near_client] = connected_pair();
    auto [server, near_server] = connected_pair();
    secured_session session{
        .socket = far_end(std::move(client)),
        .client = nullptr,
        .server = far_end(std::move(server))
    };
    session.client = std::make_unique<tls_far_end>(session.socket.descriptor(), wishes);
    auto stream = test_context().open(near_client.get());
    std::thread connects([&] { require(session.client->connect(), "no TLS"); });
    shake_hands(*stream, near_client.get());
    connects.join();
    send_at_once(near_client, near_server);
    loop.add_session({
        .client = std::move(near_client),
        .server = std::move(near_server),
        .server_output = std::move(server_output),
        .client_tls = std::move(stream),
        .owner = std::make_unique<recording_owner>(session.events),
    });
    return session;
}

/// A session whose login is over.
inline secured_session
relay_secured_login(proxy::relay_loop& loop, const tls_client_wishes& wishes = {}) {
    auto session = relay_secured(loop, login_answer(), wishes);
    require(
        session.client->receive(login_answer().size()) == login_answer(), "the login did not pass"
    );
    return session;
}

/// A session in the relay whose server speaks TLS and whose client does not.
struct guarded_session {
    far_end client;
    far_end socket; ///< below `server`
    std::unique_ptr<tls_far_end> server;
    std::shared_ptr<recorded_events> events = std::make_shared<recorded_events>();
};

/// After its login.
inline guarded_session relay_to_secured_server(proxy::relay_loop& loop) {
    static const auto servers_own = make_identity();
    static const tls::client_context context({.mode = tls::backend_mode::require});
    auto [client, near_client] = connected_pair();
    auto [server, near_server] = connected_pair();
    guarded_session session{
        .client = far_end(std::move(client)),
        .socket = far_end(std::move(server)),
        .server = nullptr,
    };
    session.server = std::make_unique<tls_far_end>(session.socket.descriptor(), servers_own);
    auto stream = context.open(near_server.get(), "localhost");
    std::thread accepts([&] { require(session.server->connect(), "no TLS"); });
    shake_hands(*stream, near_server.get());
    accepts.join();
    send_at_once(near_client, near_server);
    loop.add_session({
        .client = std::move(near_client),
        .server = std::move(near_server),
        .server_output = login_answer(),
        .server_tls = std::move(stream),
        .owner = std::make_unique<recording_owner>(session.events),
    });
    require(
        session.client.receive(login_answer().size()) == login_answer(), "the login did not pass"
    );
    return session;
}

} // namespace wakegate::support
