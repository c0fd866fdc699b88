#pragma once

#include "common/clock.hpp"
#include "proxy/relay/file_descriptor.hpp"
#include "proxy/relay/relay_error.hpp"
#include "proxy/tls/tls_stream.hpp"
#include "proxy/wire/ping_texts.hpp"

#include <memory>
#include <optional>
#include <string>

namespace wakegate::proxy {

class session_tally;

/// Names the servers of a session; only ever compared.
using server_group = const void*;

/// Owns a session's resources while it is relayed, and gets its events. Called on the relay's
/// thread, from inside its turn: post what takes longer than a counter. Destroyed there too, after
/// `ended`. `logged_in` alone may come on the thread that brings the session, before the relay's
/// thread has registered it.
class relay_owner {
public:
    virtual ~relay_owner() = default;

    /// The first ReadyForQuery has passed. `server_key`: the body of BackendKeyData, may be empty.
    virtual void logged_in(std::string server_key, time_point now) noexcept = 0;
    /// The client has owed its login answers for too long, and gets an error; not after
    /// `logged_in`.
    virtual void login_timed_out() noexcept = 0;
    /// The session went from idle to busy or back; not called before `logged_in`. A ping leaves it
    /// idle (`wire::protocol_tracker::working`).
    virtual void busy_changed(bool busy, time_point now) noexcept = 0;
    /// LISTEN has been run, or its effect has been discarded.
    virtual void listening_changed(bool listening, time_point now) noexcept = 0;
    /// Sessions with the same group have the same servers, see `relay_loop::suspect`.
    [[nodiscard]] virtual server_group group() const noexcept = 0;

    /// The message that the client gets for it: an ErrorResponse (FATAL).
    [[nodiscard]] virtual std::string final_message(const relay_error& error) const = 0;

    /// Adds the session to a report, see `relay_loop::count_sessions`.
    virtual void add_to(session_tally& /*tally*/) const noexcept {}

    /// The server has ended the session, and the client has not sent Terminate: the server may be
    /// shutting down. Not called before `logged_in`.
    virtual void server_ended() noexcept {}

    /// The last call. Both sockets are closed when the owner is destroyed, not before.
    virtual void ended() noexcept = 0;
};

/// A session as it enters the relay: the startup message has been sent to the server, and the
/// client has been sent nothing.
struct relay_start {
    file_descriptor client;    ///< connected
    file_descriptor server;    ///< connected
    std::string server_output; ///< what the server has sent so far, to be passed on first
    std::unique_ptr<tls::tls_stream> client_tls; ///< on `client`, its handshake done; null: plain
    std::unique_ptr<tls::tls_stream> server_tls; ///< on `server`, likewise
    /// The sides speak TLS with each other, which is not decrypted here. Such a session can't be
    /// tracked, and therefore counts as logged in and busy from its first byte to its last.
    bool tls_passthrough = false;
    /// How long in sum the server may wait for the client until it has logged in. Absent: without
    /// bound, as is TLS passthrough in any case.
    std::optional<duration> authentication_timeout = {};
    /// Queries by which connection pools check that a session is alive. Outlives the session;
    /// null: blank statements alone.
    const wire::ping_texts* pings = nullptr;
    std::unique_ptr<relay_owner> owner;
};

} // namespace wakegate::proxy
