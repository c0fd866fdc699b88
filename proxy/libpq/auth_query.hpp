#pragma once

#include "common/clock.hpp"
#include "common/host_port.hpp"
#include "proxy/tls/backend_settings.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::proxy {

/// Every role that can log in and has a password. Reading pg_authid takes a superuser, or SELECT on
/// it granted by one.
extern const std::string_view default_auth_query;

struct auth_query_settings {
    host_port address;
    std::string user;
    std::string password_file; ///< see `read_password_file`; empty: no password
    std::string database = "postgres";
    std::string query{default_auth_query};
    std::string system_identifier; ///< as in `probe_settings`
    tls::backend_settings tls = {};
    milliseconds timeout{5'000};
};

/// One row as the server wrote it. NULL: no verifier, and valid for ever.
struct role_row {
    std::string role;
    std::string verifier;
    std::optional<std::string> valid_until = {}; ///< seconds since 1970

    friend bool operator==(const role_row&, const role_row&) = default;
};

/// Why a server's roles are not known.
struct auth_query_error {
    /// For a log. Never holds a secret: of the server's error it has only the SQLSTATE.
    std::string reason;
    bool reached = false; ///< a Postgres answered, so the error is one of configuration
};

using auth_query_result = boost::system::result<std::vector<role_row>, auth_query_error>;

/// Queries one server's roles, as one prepared statement in a read-only transaction with
/// `search_path` fixed to pg_catalog. No setting outlives the transaction, since a pooler in
/// between would keep it. A query that returns too much fails.
///
/// Runs on the caller's executor and takes at most `timeout` in all. Never throws.
[[nodiscard]] boost::asio::awaitable<auth_query_result> query_roles(auth_query_settings settings);

/// The same at the first of these addresses that accepts the login, until `deadline`; each has its
/// share of the time to answer, see `per_address_deadline`. The arguments outlive the call.
[[nodiscard]] boost::asio::awaitable<auth_query_result> query_roles_at(
    const auth_query_settings& settings,
    const std::vector<boost::asio::ip::tcp::endpoint>& addresses,
    time_point deadline
);

} // namespace wakegate::proxy
