#pragma once

#include "common/clock.hpp"
#include "proxy/auth/backend_login.hpp"
#include "proxy/gate/gate_error.hpp"
#include "proxy/wire/startup_decoder.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// invalid_password: that, or a role that does not exist, or a verifier that is not the server's.
inline constexpr std::string_view wrong_password = "28P01";

/// What a refused client reads, and what the log and the metrics call it. Every refusal of the
/// proxy's own stands in this file's .cpp, so that it can be read as one table.
struct client_error {
    std::string_view sqlstate; ///< PostgreSQL manual, appendix A
    std::string message;
    std::string hint;
    std::string detail = {};
    /// The client speaks protocol 1 or 2, and reads no fields.
    bool is_before_protocol_3 = false;

    /// The ErrorResponse, FATAL.
    [[nodiscard]] std::string to_message() const;
};

/// Of one that was not admitted.
[[nodiscard]] client_error at_the_gate(const admission& refused, std::string_view cluster);
[[nodiscard]] client_error no_such_database(std::string_view database);
/// Server name, database, user and options don't lead to the same cluster.
[[nodiscard]] client_error names_disagree(std::string_view reason);
/// The same, of a client of which only its TLS's server name is known.
[[nodiscard]] client_error no_such_server(std::string_view server_name);
[[nodiscard]] client_error bad_startup(std::string_view reason);
/// A first message that Postgres refuses, in Postgres's words.
[[nodiscard]] client_error startup_rejected(const wire::rejected_startup& rejected);
[[nodiscard]] client_error startup_too_slow();
[[nodiscard]] client_error authentication_too_slow();
/// The server is there, and the login was not over when the client's time was.
[[nodiscard]] client_error login_too_slow(std::string_view cluster);
[[nodiscard]] client_error too_many_failures(duration wait);
/// The client has proved who it is, and the server can't be convinced of it.
[[nodiscard]] client_error
server_login_failed(std::string_view role, const auth::backend_login::failure_reason& why);
/// The server is there, but its TLS is not what `backend_tls` asks for. What exactly is wrong is
/// for the log: nobody has to prove anything to get to read this.
[[nodiscard]] client_error server_not_trusted(std::string_view cluster);
/// A client in the clear where only TLS is taken, with the SQLSTATE by which drivers try TLS then.
[[nodiscard]] client_error
encryption_required(std::string_view host, std::string_view user, std::string_view database);
/// There are as many clients as there may be: in all, or of one kind.
[[nodiscard]] client_error too_many_clients();
[[nodiscard]] client_error too_many_clients_from(std::string_view host);
[[nodiscard]] client_error too_many_clients_of_cluster(std::string_view cluster);
[[nodiscard]] client_error too_many_clients_of_role(std::string_view role);
/// The client's certificate is good, but not for this role; in Postgres's words.
[[nodiscard]] client_error certificate_not_for_role(std::string_view role);
[[nodiscard]] client_error out_of_resources();

/// Not a refusal: the NoticeResponse for a held client; of a wake with how long it usually takes,
/// or with why nobody is about to start the cluster.
[[nodiscard]] std::string
waiting_notice(hold_cause cause, std::string_view cluster, std::optional<duration> typical_wake);

} // namespace wakegate::proxy
