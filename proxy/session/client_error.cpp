#include "proxy/session/client_error.hpp"

#include "proxy/session/waiting_notice.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace wakegate::proxy {
namespace {

client_error unsupported_protocol(std::uint32_t protocol) {
    const auto major = protocol >> 16;
    // No client has 0.0: Postgres takes it for "not known yet", and answers as to 3.0.
    const bool is_before_protocol_3 = protocol != 0 && major < 3;
    return {
        .sqlstate = "0A000",
        .message = fmt::format(
            "unsupported frontend protocol {}.{}: server supports 3.0 to 3.2",
            major,
            protocol & 0xffff
        ),
        .form = is_before_protocol_3 ? error_form::protocol_2 : error_form::protocol_3,
    };
}

client_error protocol_violation(std::string_view reason) {
    return {.sqlstate = "08P01", .message = std::string(reason)};
}

client_error encryption_required(const handshake_error& error) {
    return {
        .sqlstate = "28000", // drivers try TLS then
        .message = "the gate takes only connections with TLS here",
        .hint = "Connect with sslmode=require or stronger.",
        .detail = fmt::format(
            R"(It came from host "{}", for user "{}", database "{}", without encryption.)",
            error.host,
            error.user,
            error.database
        ),
    };
}

client_error login_timeout() { // as Postgres does by its own authentication_timeout
    return {.sqlstate = "57014", .message = "canceling authentication due to timeout"};
}

client_error wrong_password(std::string_view role, std::string_view hint = {}) {
    return {
        .sqlstate = "28P01",
        .message = fmt::format("password authentication failed for user \"{}\"", role),
        .hint = std::string(hint),
    };
}

/// As Postgres says it (auth-sasl.c).
client_error sasl_message_failure(const wire::sasl_message_error& error) {
    return protocol_violation(
        error.code == wire::sasl_message_errc::unexpected_type
            ? fmt::format("expected SASL response, got message type {}", error.type)
            : fmt::format(
                  "invalid message length: a SASL response is at most {} bytes long",
                  wire::sasl_message_decoder::max_sasl_body
              )
    );
}

/// As Postgres says it (auth-sasl.c, auth-scram.c).
client_error sasl_failure(const auth::scram_server_error& error) {
    using enum auth::scram_server_errc;
    const auto failure = [&error](std::string_view sqlstate, std::string_view message) {
        return client_error{sqlstate, std::string(message), {}, error.detail};
    };
    switch (error.code) {
    case message_too_long:
        return failure("08P01", "SASL message is too long");
    case exchange_over:
        return failure("08P01", "the SASL exchange is over");
    case malformed_initial_response:
        return failure("08P01", "malformed SASL initial response");
    case unknown_mechanism:
        return failure("08P01", "client selected an invalid SASL authentication mechanism");
    case unsupported_extension:
        return failure("0A000", "client requires an unsupported SCRAM extension");
    case authorization_identity:
        return failure("0A000", "client uses authorization identity, but it is not supported");
    case non_printable_nonce:
        return failure("08P01", "non-printable characters in SCRAM nonce");
    case nonce_mismatch:
        return failure("08P01", "invalid SCRAM response");
    case unsupported_binding_type:
        return failure("08P01", "unsupported SCRAM channel-binding type");
    case unexpected_binding:
        return failure(
            "08P01", "unexpected SCRAM channel-binding attribute in client-final-message"
        );
    case binding_negotiation:
        return failure("28000", "SCRAM channel binding negotiation error");
    case binding_mismatch:
        return failure("28000", "SCRAM channel binding check failed");
    case malformed_message:
    case wrong_proof:
        break;
    }
    return failure("08P01", "malformed SCRAM message");
}

client_error too_many(std::string message, std::string_view hint) {
    return {.sqlstate = "53300", .message = std::move(message), .hint = std::string(hint)};
}

client_error too_many_failures(duration wait) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(wait).count();
    return too_many("too many failed logins", fmt::format("Try again in {} s.", left));
}

/// What an operator can do about a wake that has not started.
std::string hint_of_timeout(gate_error error, std::string_view cluster) {
    if (error == gate_error::no_scaler) {
        return fmt::format(
            "{} The gate's log (scaler_unreachable, no_scalers) says why.", no_scaler_connected
        );
    }
    if (error == gate_error::no_scaled_object) {
        return fmt::format(
            R"({} The metadata of its trigger must say "cluster: {}".)",
            no_scaled_object_for,
            cluster
        );
    }
    return "It is still being woken. Connect again in some seconds.";
}

/// For a client past its deadline.
client_error not_in_time(const gate_refusal& refused, std::string_view cluster) {
    switch (refused.error) {
    case gate_error::turned_away:
        return {
            .sqlstate = "57P03",
            .message = fmt::format("cluster \"{}\" opened no session in time", cluster),
            .hint = "Its server answered the last probe, but no login after it; the gate's log "
                    "(dial_failed) says why. Connect again in some seconds.",
        };
    case gate_error::unconfirmed:
        return {
            .sqlstate = "57P03",
            .message = fmt::format("cluster \"{}\" was not found ready in time", cluster),
            .hint = "Its server is there, and did not let the gate's probe log in; the gate's log "
                    "(probe_failed) says why.",
        };
    case gate_error::logins:
        return {
            .sqlstate = "57P03",
            .message = fmt::format("too many logins to cluster \"{}\" are under way", cluster),
            .hint = "The cluster is awake. Connect again in some seconds, or raise release_batch.",
        };
    case gate_error::full:
        return too_many(
            fmt::format(
                "all {} connections of cluster \"{}\" are in use", refused.connections, cluster
            ),
            "Close some, or raise max_connections: the cluster's key, or else the server's setting."
        );
    default:
        return {
            .sqlstate = "57P03",
            .message = fmt::format("cluster \"{}\" did not wake up in time", cluster),
            .hint = hint_of_timeout(refused.error, cluster),
        };
    }
}

} // namespace

client_error to_client_error(const handshake_error& error) {
    switch (error.code) {
    case handshake_errc::client_disconnected:
    case handshake_errc::proxy_header_rejected:
    case handshake_errc::tls_failed:
    case handshake_errc::malformed_startup:
        break;
    case handshake_errc::startup_timeout:
        return {.sqlstate = "08006", .message = "the startup message took too long"};
    case handshake_errc::unencrypted_data:
        return protocol_violation("received unencrypted data after SSL request");
    case handshake_errc::unsupported_protocol:
        return unsupported_protocol(error.protocol);
    case handshake_errc::invalid_layout:
        return protocol_violation("invalid startup packet layout: expected terminator as last byte"
        );
    case handshake_errc::no_user:
        return {
            .sqlstate = "28000", .message = "no PostgreSQL user name specified in startup packet"
        };
    case handshake_errc::encryption_required:
        return encryption_required(error);
    }
    return protocol_violation(error.reason);
}

client_error to_client_error(const route_error& error) {
    switch (error.code) {
    case route_errc::no_route:
        return {
            .sqlstate = "3D000",
            .message = fmt::format("database \"{}\" is not served here", error.subject),
            .hint = "No route of the gate matches this listener, server name, database and user.",
        };
    case route_errc::no_route_for_server:
        return {
            .sqlstate = "3D000",
            .message = fmt::format("server \"{}\" is not served here", error.subject),
            .hint = "No route of the gate matches this listener and server name.",
        };
    case route_errc::contradicting_names:
        break;
    }
    return {
        .sqlstate = "3D000",
        .message = error.subject,
        .hint = "TLS server name, database, user and options=--cluster=NAME must agree.",
    };
}

client_error to_client_error(const limit_error& error) {
    switch (error.code) {
    case limit_errc::max_clients: // PostgreSQL's words
        return too_many(
            "sorry, too many clients already", "The gate has as many as max_clients allows."
        );
    case limit_errc::max_clients_per_source:
        return too_many(
            fmt::format("too many connections from {}", error.subject),
            "The gate has as many from there as max_clients_per_source allows."
        );
    case limit_errc::max_clients_of_cluster:
        return too_many(
            fmt::format("too many connections for cluster \"{}\"", error.subject),
            "The gate has as many for it as the cluster's max_clients allows."
        );
    case limit_errc::max_clients_per_role:
        break;
    }
    return too_many(
        fmt::format("too many connections for role \"{}\"", error.subject), // PostgreSQL's words
        "The gate has as many of it as the cluster's max_clients_per_role allows."
    );
}

client_error to_client_error(const auth_error& error, std::string_view role) {
    switch (error.code) {
    case auth_errc::certificate_not_mapped:
        return {
            .sqlstate = "28000",
            .message = fmt::format("certificate authentication failed for user \"{}\"", role)
        };
    case auth_errc::unsupported_protocol:
        return protocol_violation("unsupported protocol");
    case auth_errc::malformed_message:
        return sasl_message_failure(error.message);
    case auth_errc::client_disconnected:
    case auth_errc::timeout:
        return login_timeout();
    case auth_errc::throttled:
    case auth_errc::throttled_without_roles:
        return too_many_failures(error.retry_after);
    case auth_errc::sasl_failed:
    case auth_errc::channel_binding:
        return sasl_failure(error.sasl);
    case auth_errc::wrong_password:
    case auth_errc::expired:
    case auth_errc::unknown_role:
    case auth_errc::no_verifier:
    case auth_errc::no_roles_known:
        break;
    }
    return wrong_password(role);
}

client_error to_client_error(const gate_refusal& refused, std::string_view cluster) {
    switch (refused.error) {
    case gate_error::queue_full:
        return {
            .sqlstate = "53300",
            .message = "too many clients are waiting at the gate",
            .hint = fmt::format(
                "Connect again later, or raise max_waiting: that of cluster \"{}\", or the gate's.",
                cluster
            ),
        };
    case gate_error::draining:
        return {
            .sqlstate = "57P03", .message = "the gate is shutting down", .hint = "Connect again."
        };
    case gate_error::may_not_wake:
        return {
            .sqlstate = "57P03",
            .message = fmt::format("cluster \"{}\" was not found awake", cluster),
            .hint = "This client may use it while it is awake, and may not wake it (key wake).",
        };
    default:
        return not_in_time(refused, cluster);
    }
}

client_error
to_client_error(const connect_error& error, std::string_view cluster, std::string_view role) {
    switch (error.code) {
    case connect_errc::stale_verifier:
        return wrong_password(
            role,
            "The gate's copy of the role's verifier is not the server's. Try again; if that does "
            "not help, renew it."
        );
    case connect_errc::login_failed:
        return {
            .sqlstate = "28000",
            .message = fmt::format("the gate could not log in to the server: {}", error.cause),
        };
    case connect_errc::login_too_slow:
        return {
            .sqlstate = "57P03",
            .message = fmt::format(
                "the server of cluster \"{}\" did not finish the login in time", cluster
            ),
            .hint = "The cluster is awake, and its server is slow with logins. Connect again "
                    "later, or raise hold_timeout.",
        };
    default:
        return {
            .sqlstate = "08006",
            .message = fmt::format("the gate does not trust the server of cluster \"{}\"", cluster),
            .hint = "Its TLS is not what backend_tls asks for; the gate's log says in what.",
        };
    }
}

client_error to_client_error(const relay_error& error) {
    switch (error.code) {
    case relay_errc::draining:
        return {.sqlstate = "57P01", .message = "the gate is shutting down; connect again"};
    case relay_errc::login_timeout:
        return login_timeout();
    case relay_errc::server_lost:
        break;
    }
    if (error.system_error == 0) {
        return {.sqlstate = "08006", .message = "the server closed the connection unexpectedly"};
    }
    const auto cause = std::generic_category().message(error.system_error);
    return {.sqlstate = "08006", .message = "the connection to the server was lost: " + cause};
}

std::string_view log_cause(const auth_error& error) noexcept {
    switch (error.code) {
    case auth_errc::client_disconnected:
        break;
    case auth_errc::certificate_not_mapped:
        return "certificate_not_mapped";
    case auth_errc::unsupported_protocol:
    case auth_errc::malformed_message:
    case auth_errc::sasl_failed:
        return "protocol";
    case auth_errc::timeout:
        return "timeout";
    case auth_errc::throttled:
        return "throttled";
    case auth_errc::channel_binding:
        return "channel_binding";
    case auth_errc::wrong_password:
        return "wrong_password";
    case auth_errc::expired:
        return "expired";
    case auth_errc::unknown_role:
        return "unknown_role";
    case auth_errc::no_verifier:
        return "no_verifier";
    case auth_errc::throttled_without_roles:
    case auth_errc::no_roles_known:
        return "no_roles_known";
    }
    return "unknown";
}

std::string_view log_cause(const connect_error& error) noexcept {
    switch (error.code) {
    case connect_errc::stale_verifier:
        return "old_verifier";
    case connect_errc::login_failed:
        return "server_login";
    default:
        return {};
    }
}

} // namespace wakegate::proxy
