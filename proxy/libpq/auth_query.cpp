#include "proxy/libpq/auth_query.hpp"

#include "proxy/libpq/per_address_deadline.hpp"
#include "proxy/libpq/read_password_file.hpp"
#include "proxy/libpq/server_connection.hpp"
#include "proxy/net/name_lookup.hpp"

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

const std::string_view default_auth_query =
    "SELECT rolname, rolpassword,"
    " CASE WHEN isfinite(rolvaliduntil)"
    " THEN greatest(0, floor(extract(epoch FROM rolvaliduntil)))::bigint"
    " WHEN rolvaliduntil < now() THEN 0 END" // -infinity; 'infinity' is NULL
    " FROM pg_authid WHERE rolcanlogin AND rolpassword IS NOT NULL";

namespace {

// Far more than any server has, and few enough to hold in memory.
constexpr std::size_t most_rows = 100'000;
constexpr std::size_t most_bytes = std::size_t{32} * 1024 * 1024;

std::string_view cell(const PGresult* row, int column) {
    const auto size = static_cast<std::size_t>(PQgetlength(row, 0, column));
    return {PQgetvalue(row, 0, column), size};
}

/// Collects rows up to a limit.
class row_collector {
public:
    /// False: there are too many.
    bool take(const PGresult* row) {
        role_row entry{std::string(cell(row, 0)), std::string(cell(row, 1))};
        if (PQnfields(row) > 2 && PQgetisnull(row, 0, 2) == 0) {
            entry.valid_until = cell(row, 2);
        }
        bytes_ += entry.role.size() + entry.verifier.size();
        rows_.push_back(std::move(entry));
        return rows_.size() <= most_rows && bytes_ <= most_bytes;
    }

    std::vector<role_row> rows() && { return std::move(rows_); }

private:
    std::vector<role_row> rows_;
    std::size_t bytes_ = 0;
};

auth_query_error failed(std::string reason, bool reached = true) {
    return {.reason = std::move(reason), .reached = reached};
}

auth_query_error login_failure(const server_connection& connection) {
    if (auto objection = connection.tls_error(); !objection.empty()) {
        return failed(std::move(objection), false);
    }
    const auto sqlstate = connection.login_sqlstate();
    const bool is_refusal = sqlstate.starts_with("28") || sqlstate == "3D000";
    if (is_refusal || PQconnectionNeedsPassword(connection.raw()) != 0) {
        return failed(fmt::format(
            "login refused{}{}; check auth_query's user, password_file and database",
            sqlstate.empty() ? "" : " with ",
            sqlstate
        ));
    }
    return sqlstate.empty() ? failed("no login answer", false)
                            : failed(fmt::format("server answered {}", sqlstate), false);
}

/// What to do about the usual mistakes; empty for others.
std::string_view remedy_for(std::string_view sqlstate, bool is_default) {
    if (sqlstate == "42501" && is_default) {
        return ": GRANT SELECT ON pg_catalog.pg_authid TO auth_query.user, in auth_query.database";
    }
    if (sqlstate == "42501") {
        return ": it may not do that; GRANT auth_query.user what the query needs: EXECUTE on "
               "its function, SELECT on its tables, USAGE on their schema";
    }
    if (sqlstate == "42P01" || sqlstate == "42883") {
        return ": no such table or function in auth_query.database; name it with its schema, since "
               "search_path is pg_catalog";
    }
    return {};
}

auth_query_error query_failure(const PGresult* refused, bool is_default) {
    const auto* const field = PQresultErrorField(refused, PG_DIAG_SQLSTATE);
    const std::string_view sqlstate = field == nullptr ? "no SQLSTATE" : field;
    const auto remedy = remedy_for(sqlstate, is_default);
    return failed(fmt::format("auth_query.query failed ({}){}", sqlstate, remedy));
}

/// The result of the statement that was sent.
asio::awaitable<auth_query_result> collect(server_connection& connection, bool is_default) {
    row_collector collected;
    for (;;) {
        result_ptr next;
        const bool received = co_await connection.receive(next);
        if (!received || !next) {
            co_return failed("the connection or the time ran out during auth_query.query");
        }
        const auto status = PQresultStatus(next.get());
        if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK) {
            co_return query_failure(next.get(), is_default);
        }
        const auto columns = PQnfields(next.get());
        if (columns < 2 || columns > 3) {
            co_return failed("auth_query.query must give role, verifier and, if it likes, the end "
                             "of its validity in seconds since 1970");
        }
        if (status == PGRES_TUPLES_OK) {
            break;
        }
        if (!collected.take(next.get())) {
            co_return failed(fmt::format(
                "auth_query.query gives more than {} rows or {} MiB", most_rows, most_bytes >> 20U
            ));
        }
    }
    co_return std::move(collected).rows();
}

asio::awaitable<auth_query_result>
ask(server_connection& connection, const auth_query_settings& settings) {
    const bool is_ours = co_await connection.has_system_identifier(settings.system_identifier);
    if (!is_ours) {
        co_return failed("another server stands at this address (system_identifier differs)");
    }
    const auto opening = fmt::format(
        "BEGIN READ ONLY; SET LOCAL search_path = pg_catalog; SET LOCAL statement_timeout = {}",
        settings.timeout.count()
    );
    const auto begun = co_await connection.run(opening.c_str());
    if (PQresultStatus(begun.get()) != PGRES_COMMAND_OK) {
        co_return failed("no read-only transaction could be begun");
    }
    const auto* const sql = settings.query.c_str();
    if (PQsendQueryParams(connection.raw(), sql, 0, nullptr, nullptr, nullptr, nullptr, 0) == 0 ||
        PQsetSingleRowMode(connection.raw()) == 0) {
        co_return failed("the connection ran out before auth_query.query");
    }
    const bool is_default = settings.query == default_auth_query;
    auto answer = co_await collect(connection, is_default);
    co_return answer;
}

} // namespace

asio::awaitable<auth_query_result> query_roles_at(
    const auth_query_settings& settings,
    const std::vector<asio::ip::tcp::endpoint>& addresses,
    time_point deadline
) {
    const auto executor = co_await asio::this_coro::executor;
    const server_login login{
        .host = settings.address.host,
        .user = settings.user,
        .password = read_password_file(settings.password_file).value_or(""),
        .database = settings.database,
        .application_name = "wakegate-auth-query",
        .tls = settings.tls,
    };
    auth_query_result answer = failed(no_address_message(settings.address), false);
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const auto answer_by = per_address_deadline(clock::now(), deadline, addresses.size() - i);
        server_connection connection(executor, addresses[i], login, answer_by);
        const bool logged_in = co_await connection.log_in();
        if (logged_in) {
            connection.set_deadline(deadline);
            answer = co_await ask(connection, settings);
            break;
        }
        answer = login_failure(connection);
    }
    co_return answer;
}

asio::awaitable<auth_query_result> query_roles(auth_query_settings settings) {
    const auto deadline = clock::now() + settings.timeout;
    const auto addresses = co_await resolve_endpoints(settings.address, settings.timeout);
    auto answer = co_await query_roles_at(settings, addresses, deadline);
    co_return answer;
}

} // namespace wakegate::proxy
