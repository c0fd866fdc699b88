#pragma once

#include "proxy/auth/scram_client.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wakegate::auth {

/// The proxy's login at a server for a client that it has authenticated: everything from the
/// StartupMessage that was just sent to the server's first ReadyForQuery (protocol, "Start-up" and
/// "SASL Authentication").
///
///     backend_login login(scram_client(...));
///     do { progress = login.receive(bytes of the server); send(login.take_reply()); }
///     while (progress == undecided);
///
/// A server that asks for no authentication is accepted: the proxy has authenticated the client by
/// then. Pure; one thread, one login; keeps at most `wire::max_login_reply` bytes.
class backend_login {
public:
    enum class progress {
        incomplete,  ///< more bytes are needed
        logged_in,   ///< `take_remaining` is for the client
        refused,     ///< `take_remaining` is the server's ErrorResponse, for the client
        unavailable, ///< the server is starting or stopping; try again
        failed,      ///< see `failure`
    };

    explicit backend_login(scram_client client);

    [[nodiscard]] progress receive(std::string_view bytes);
    /// To be sent before more is received; empty: nothing.
    [[nodiscard]] std::string take_reply();
    /// What follows AuthenticationOk, or the ErrorResponse in its place.
    [[nodiscard]] std::string take_remaining();

    /// The server has sent AuthenticationOk; it can still refuse the login.
    [[nodiscard]] bool accepted() const noexcept { return accepted_; }

    /// After `failed`. `error` is absent when something other than SCRAM failed.
    struct failure_reason {
        std::optional<scram_error> error;
        std::string text; ///< one line, without secrets
    };

    [[nodiscard]] const failure_reason& failure() const noexcept { return failure_; }

private:
    [[nodiscard]] progress take_frame(char type, std::string_view body);
    [[nodiscard]] progress take_authentication(std::string_view body);
    [[nodiscard]] progress take_sasl(const scram_client::step& answer);
    [[nodiscard]] progress classify_remaining();
    [[nodiscard]] progress fail(std::string text, std::optional<scram_error> error = {});

    scram_client client_;
    std::string pending_; ///< received and not processed; all that follows AuthenticationOk
    std::string reply_;
    failure_reason failure_;
    bool proof_requested_ = false; ///< the server wanted a proof
    bool accepted_ = false;        ///< AuthenticationOk
};

} // namespace wakegate::auth
