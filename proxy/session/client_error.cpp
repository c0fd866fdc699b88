#include "proxy/session/client_error.hpp"

#include "proxy/wire/messages.hpp"

#include <fmt/format.h>

namespace wakegate::proxy {
namespace {

client_error unsupported_protocol(std::uint32_t protocol) {
    const auto major = protocol >> 16;
    return {
        .sqlstate = "0A000",
        .message = fmt::format(
            "unsupported frontend protocol {}.{}: server supports 3.0 to 3.2",
            major,
            protocol & 0xffff
        ),
        .hint = {},
        // 0.0 is nobody's: Postgres takes it for "not known yet", and answers as to 3.0.
        .is_before_protocol_3 = protocol != 0 && major < 3,
    };
}

constexpr std::string_view no_scaler_hears =
    "No scaler is connected to the gate, so nobody hears that the cluster is wanted.";

constexpr std::string_view no_scaled_object_asks =
    "No ScaledObject asks the scaler about the cluster, so nobody starts it.";

/// What an operator can do about a wake that is not under way.
std::string hint_of_timeout(gate_error why, std::string_view cluster) {
    if (why == gate_error::no_scaler) {
        return fmt::format(
            "{} The gate's log (scaler_unreachable, no_scalers) says why.", no_scaler_hears
        );
    }
    if (why == gate_error::no_scaled_object) {
        return fmt::format(
            R"({} The metadata of its trigger must say "cluster: {}".)",
            no_scaled_object_asks,
            cluster
        );
    }
    return "It is still being woken. Connect again in some seconds.";
}

/// Of a client whose deadline has passed.
client_error not_in_time(const admission& refused, std::string_view cluster) {
    switch (refused.error.value_or(gate_error::hold_timeout)) {
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
        return {
            .sqlstate = "53300",
            .message = fmt::format(
                "all {} connections of cluster \"{}\" are in use", refused.connections, cluster
            ),
            .hint = "Close some, or raise max_connections: the cluster's key, or else the "
                    "server's setting.",
        };
    default:
        return {
            .sqlstate = "57P03",
            .message = fmt::format("cluster \"{}\" did not wake up in time", cluster),
            .hint = hint_of_timeout(refused.error.value_or(gate_error::hold_timeout), cluster),
        };
    }
}

std::string hint_of_wait(hold_cause cause, std::optional<duration> typical_wake) {
    if (cause == hold_cause::no_scaler) {
        return std::string(no_scaler_hears);
    }
    if (cause == hold_cause::no_scaled_object) {
        return std::string(no_scaled_object_asks);
    }
    if (cause == hold_cause::waking && typical_wake) {
        const auto usual = std::chrono::ceil<std::chrono::seconds>(*typical_wake).count();
        return fmt::format("That usually takes {} s.", usual);
    }
    return {};
}

} // namespace

std::string client_error::to_message() const {
    if (is_before_protocol_3) {
        return wire::error_response_2_0(message);
    }
    return wire::error_response(
        {.sqlstate = sqlstate, .message = message, .detail = detail, .hint = hint}
    );
}

client_error at_the_gate(const admission& refused, std::string_view cluster) {
    switch (refused.error.value_or(gate_error::hung_up)) {
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
            .sqlstate = "57P03",
            .message = "the gate is shutting down",
            .hint = "Connect again.",
        };
    case gate_error::may_not_wake:
        return {
            .sqlstate = "57P03",
            .message = fmt::format("cluster \"{}\" was not found awake", cluster),
            .hint = "This client may use it while it is awake, and may not wake it (key wake).",
        };
    case gate_error::hung_up:
        return {.sqlstate = "08006", .message = "the client hung up", .hint = {}};
    default:
        return not_in_time(refused, cluster);
    }
}

client_error no_such_database(std::string_view database) {
    return {
        .sqlstate = "3D000",
        .message = fmt::format("database \"{}\" is not served here", database),
        .hint = "No route of the gate matches this listener, server name, database and user.",
    };
}

client_error names_disagree(std::string_view reason) {
    return {
        .sqlstate = "3D000",
        .message = std::string(reason),
        .hint = "TLS server name, database, user and options=--cluster=NAME must agree.",
    };
}

client_error no_such_server(std::string_view server_name) {
    return {
        .sqlstate = "3D000",
        .message = fmt::format("server \"{}\" is not served here", server_name),
        .hint = "No route of the gate matches this listener and server name.",
    };
}

client_error bad_startup(std::string_view reason) {
    return {.sqlstate = "08P01", .message = std::string(reason), .hint = {}};
}

client_error startup_rejected(const wire::rejected_startup& rejected) {
    switch (rejected.error) {
    case wire::startup_error::unsupported_protocol:
        return unsupported_protocol(rejected.protocol);
    case wire::startup_error::invalid_layout:
        return bad_startup("invalid startup packet layout: expected terminator as last byte");
    case wire::startup_error::no_user:
        break;
    }
    return {
        .sqlstate = "28000",
        .message = "no PostgreSQL user name specified in startup packet",
        .hint = {},
    };
}

client_error startup_too_slow() {
    return {.sqlstate = "08006", .message = "the startup message took too long", .hint = {}};
}

client_error authentication_too_slow() {
    return {.sqlstate = "57014", .message = "canceling authentication due to timeout", .hint = {}};
}

client_error login_too_slow(std::string_view cluster) {
    return {
        .sqlstate = "57P03",
        .message =
            fmt::format("the server of cluster \"{}\" did not finish the login in time", cluster),
        .hint = "The cluster is awake, and its server is slow with logins. Connect again later, or "
                "raise hold_timeout.",
    };
}

client_error too_many_failures(duration wait) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(wait).count();
    return {
        .sqlstate = "53300",
        .message = "too many failed logins",
        .hint = fmt::format("Try again in {} s.", left),
    };
}

client_error
server_login_failed(std::string_view role, const auth::backend_login::failure_reason& why) {
    if (why.error == auth::scram_error::stale_verifier) {
        return {
            .sqlstate = "28P01",
            .message = fmt::format("password authentication failed for user \"{}\"", role),
            .hint =
                "The gate's copy of the role's verifier is not the server's. Try again; if that "
                "does not help, renew it.",
        };
    }
    return {
        .sqlstate = "28000",
        .message = fmt::format("the gate could not log in to the server: {}", why.text),
        .hint = {},
    };
}

client_error server_not_trusted(std::string_view cluster) {
    return {
        .sqlstate = "08006",
        .message = fmt::format("the gate does not trust the server of cluster \"{}\"", cluster),
        .hint = "Its TLS is not what backend_tls asks for; the gate's log says in what.",
    };
}

client_error
encryption_required(std::string_view host, std::string_view user, std::string_view database) {
    return {
        .sqlstate = "28000",
        .message = "the gate takes only connections with TLS here",
        .hint = "Connect with sslmode=require or stronger.",
        .detail = fmt::format(
            R"(It came from host "{}", for user "{}", database "{}", without encryption.)",
            host,
            user,
            database
        ),
    };
}

client_error too_many_clients() {
    return {
        .sqlstate = "53300",
        .message = "sorry, too many clients already", // PostgreSQL's words
        .hint = "The gate has as many as max_clients allows.",
    };
}

client_error too_many_clients_from(std::string_view host) {
    return {
        .sqlstate = "53300",
        .message = fmt::format("too many connections from {}", host),
        .hint = "The gate has as many from there as max_clients_per_source allows.",
    };
}

client_error too_many_clients_of_cluster(std::string_view cluster) {
    return {
        .sqlstate = "53300",
        .message = fmt::format("too many connections for cluster \"{}\"", cluster),
        .hint = "The gate has as many for it as the cluster's max_clients allows.",
    };
}

client_error too_many_clients_of_role(std::string_view role) {
    return {
        .sqlstate = "53300",
        .message = fmt::format("too many connections for role \"{}\"", role), // PostgreSQL's words
        .hint = "The gate has as many of it as the cluster's max_clients_per_role allows.",
    };
}

client_error certificate_not_for_role(std::string_view role) {
    return {
        .sqlstate = "28000",
        .message = fmt::format("certificate authentication failed for user \"{}\"", role),
        .hint = {},
    };
}

client_error out_of_resources() {
    return {.sqlstate = "53000", .message = "the gate is out of resources", .hint = {}};
}

std::string
waiting_notice(hold_cause cause, std::string_view cluster, std::optional<duration> typical_wake) {
    const auto message = [cause, cluster] {
        switch (cause) {
        case hold_cause::turned_away:
            return fmt::format("waiting for cluster \"{}\" to open sessions", cluster);
        case hold_cause::unconfirmed:
            return fmt::format("waiting until the gate finds cluster \"{}\" ready", cluster);
        case hold_cause::full:
            return fmt::format("waiting for a free connection to cluster \"{}\"", cluster);
        case hold_cause::logins:
            return fmt::format("waiting for earlier logins to cluster \"{}\"", cluster);
        case hold_cause::waking:
        case hold_cause::no_scaler:
        case hold_cause::no_scaled_object:
            break;
        }
        return fmt::format("waiting for cluster \"{}\" to wake up", cluster);
    }();
    const auto hint = hint_of_wait(cause, typical_wake);
    return wire::notice_response({.message = message, .hint = hint});
}

} // namespace wakegate::proxy
