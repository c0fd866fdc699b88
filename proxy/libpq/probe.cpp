#include "proxy/libpq/probe.hpp"

#include "proxy/libpq/per_address_deadline.hpp"
#include "proxy/libpq/read_password_file.hpp"
#include "proxy/libpq/server_connection.hpp"
#include "proxy/net/name_lookup.hpp"

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>
#include <utility>

namespace wakegate::proxy {
namespace {

namespace asio = boost::asio;

server_login login_of(const probe_settings& settings) {
    return {
        .host = settings.address.host,
        .user = settings.user.empty() ? "wakegate_probe" : settings.user,
        .password = read_password_file(settings.password_file).value_or(""),
        .database = settings.database,
        .application_name = "wakegate-probe",
        .tls = settings.tls,
    };
}

/// libpq gives up by itself, without an SQLSTATE, when the server asks for what it can't do (GSSAPI
/// without a ticket, a SASL mechanism it does not know). The server has answered all the same,
/// which only libpq's message shows; it is not translated, since no locale is ever set here.
bool asked_for_authentication(std::string_view message) {
    const auto contains = [message](std::string_view words) {
        return message.find(words) != std::string_view::npos;
    };
    const bool is_another_protocol = contains("expected authentication request");
    const bool names_a_method =
        contains("authentication") || contains("SASL") || contains("GSSAPI");
    return names_a_method && !is_another_protocol;
}

/// For a login that failed: ready if Postgres itself has answered, and accepts sessions.
probe_result classify_login_error(const server_connection& connection) {
    if (PQconnectionNeedsPassword(connection.raw()) != 0) {
        return {.ready = true};
    }
    const auto sqlstate = connection.login_sqlstate();
    const bool answered = !sqlstate.empty() && sqlstate.substr(0, 4) != "57P0";
    const bool has_requested_authentication =
        sqlstate.empty() && asked_for_authentication(PQerrorMessage(connection.raw()));
    if (answered || has_requested_authentication) {
        return {.ready = true};
    }
    return {
        .reason = sqlstate.empty() ? "no login answer" : "server answered " + std::string(sqlstate)
    };
}

/// Errors of a Postgres that accepts sessions, but not this login: its role, database or privilege,
/// or no room. Others may come from a pooler whose server is not there (08P01).
bool is_from_a_live_server(std::string_view sqlstate) {
    constexpr std::array<std::string_view, 5> classes{"28", "3D", "42", "53", "55"};
    return std::find(classes.begin(), classes.end(), sqlstate.substr(0, 2)) != classes.end();
}

/// For a probe with credentials, whose login must succeed: that Postgres answers is not enough.
probe_result
classify_credential_error(const server_connection& connection, const probe_settings& settings) {
    const auto sqlstate = connection.login_sqlstate();
    const bool has_no_sqlstate = sqlstate.empty();
    const bool is_credential_error =
        has_no_sqlstate || sqlstate.starts_with("28") || sqlstate == "3D000";
    probe_result outcome;
    outcome.refused =
        settings.system_identifier.empty() && (has_no_sqlstate || is_from_a_live_server(sqlstate));
    outcome.reason = is_credential_error
                         ? fmt::format(
                               "login refused{}{}; check probe.user, probe.password_file and "
                               "probe.database",
                               has_no_sqlstate ? "" : " with ",
                               sqlstate
                           )
                         : fmt::format("server answered {}", sqlstate);
    return outcome;
}

/// Postgres has asked for the password, and the time ran out before the login ended.
bool is_slow(const server_connection& connection) {
    return PQstatus(connection.raw()) != CONNECTION_BAD &&
           PQconnectionUsedPassword(connection.raw()) != 0;
}

std::optional<std::size_t> to_number(std::string_view digits) {
    std::size_t number = 0;
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return end.ec == std::errc() ? std::optional(number) : std::nullopt;
}

asio::awaitable<probe_result>
ask_server(server_connection& connection, const probe_settings& settings) {
    constexpr auto state_query =
        "SELECT NOT pg_catalog.pg_is_in_recovery(),"
        " pg_catalog.current_setting('max_connections'),"
        " pg_catalog.current_setting('superuser_reserved_connections')::int"
        " + coalesce(pg_catalog.current_setting('reserved_connections', true)::int, 0)";
    const auto state = co_await connection.run(state_query);
    probe_result outcome;
    if (first_value(state, 0) != "t") {
        outcome.reason =
            first_value(state, 0).empty() ? "state query failed" : "server is a standby";
        co_return outcome;
    }
    const auto most = to_number(first_value(state, 1));
    const auto reserved = to_number(first_value(state, 2));
    if (most && reserved) {
        outcome.reserved_connections = std::min(*most, *reserved);
        outcome.connection_limit = *most - outcome.reserved_connections;
    }
    const bool is_ours = co_await connection.has_system_identifier(settings.system_identifier);
    if (!is_ours) {
        outcome.reason = "another server stands at this address (system_identifier differs)";
        co_return outcome;
    }
    if (!settings.ready_query.empty()) {
        const auto answer = co_await connection.run(settings.ready_query.c_str());
        if (first_value(answer, 0) != "t") {
            outcome.reason = "ready_query did not answer true";
            co_return outcome;
        }
    }
    outcome.ready = true;
    co_return outcome;
}

/// `answer_by`: when a login must have been answered.
asio::awaitable<probe_result> probe_endpoint(
    const probe_settings& settings,
    asio::ip::tcp::endpoint endpoint,
    time_point answer_by,
    time_point deadline
) {
    const auto executor = co_await asio::this_coro::executor;
    server_connection connection(executor, endpoint, login_of(settings), answer_by);
    probe_result outcome;
    const bool logged_in = co_await connection.log_in();
    if (logged_in && !settings.user.empty()) {
        connection.set_deadline(deadline);
        outcome = co_await ask_server(connection, settings);
        co_return outcome;
    }
    if (auto objection = connection.tls_error(); !objection.empty()) {
        outcome.reason = std::move(objection);
        co_return outcome;
    }
    if (logged_in) {
        outcome.ready = true;
        co_return outcome;
    }
    if (!settings.user.empty() && is_slow(connection)) {
        outcome.refused = settings.system_identifier.empty();
        outcome.reason = "login takes longer than probe.timeout";
        co_return outcome;
    }
    outcome = classify_login_error(connection);
    if (outcome.ready && !settings.user.empty()) {
        outcome = classify_credential_error(connection, settings);
    }
    co_return outcome;
}

} // namespace

asio::awaitable<probe_result> probe_at(
    const probe_settings& settings,
    const std::vector<asio::ip::tcp::endpoint>& addresses,
    time_point deadline
) {
    probe_result outcome;
    outcome.reason = no_address_message(settings.address);
    for (std::size_t i = 0; i < addresses.size() && !outcome.ready; ++i) {
        const auto answer_by = per_address_deadline(clock::now(), deadline, addresses.size() - i);
        auto result = co_await probe_endpoint(settings, addresses[i], answer_by, deadline);
        // The reason of a server that refuses says more than that of an absent one.
        if (result.ready || !outcome.refused) {
            outcome = std::move(result);
        }
    }
    co_return outcome;
}

asio::awaitable<probe_result> probe(probe_settings settings) {
    const auto deadline = clock::now() + settings.timeout;
    const auto addresses = co_await resolve_endpoints(settings.address, settings.timeout);
    auto outcome = co_await probe_at(settings, addresses, deadline);
    co_return outcome;
}

} // namespace wakegate::proxy
