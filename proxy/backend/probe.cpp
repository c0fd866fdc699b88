#include "proxy/backend/probe.hpp"

#include "proxy/backend/connection_words.hpp"
#include "proxy/backend/name_lookup.hpp"
#include "proxy/tls/certificate.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <charconv>
#include <memory>
#include <string_view>
#include <vector>

#include <libpq-fe.h>

namespace wakegate::proxy {
namespace {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;

constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

struct connection_deleter {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};

struct result_deleter {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};

using connection_ptr = std::unique_ptr<PGconn, connection_deleter>;
using result_ptr = std::unique_ptr<PGresult, result_deleter>;

void swallow_notice(void*, const PGresult*) {}

/// Waits for the connection's socket without owning it: libpq may replace it between two calls, so
/// each wait wraps it anew.
class socket_wait {
public:
    socket_wait(asio::any_io_executor executor, time_point deadline)
        : executor_(std::move(executor)), deadline_(deadline) {}

    /// False once the deadline has passed or the socket is gone.
    asio::awaitable<bool> ready(PGconn* connection, stream_descriptor::wait_type direction) {
        if (PQsocket(connection) < 0 || clock::now() >= deadline_) {
            co_return false;
        }
        stream_descriptor socket(executor_, PQsocket(connection));
        asio::steady_timer timer(executor_, deadline_);
        timer.async_wait([&socket](boost::system::error_code stopped) {
            if (!stopped) {
                boost::system::error_code already_released;
                socket.cancel(already_released);
            }
        });
        const auto [error] = co_await socket.async_wait(direction, quiet);
        const auto fired = timer.cancel() == 0;
        socket.release();
        if (fired) {
            // Its handler is queued and refers to the socket: let it run before that goes.
            co_await asio::post(executor_, asio::use_awaitable);
        }
        co_return !error && !fired;
    }

private:
    asio::any_io_executor executor_;
    time_point deadline_;
};

connection_ptr
start_connecting(const probe_settings& settings, const asio::ip::tcp::endpoint& endpoint) {
    const auto words = connection_words(settings, endpoint);
    std::vector<const char*> names;
    std::vector<const char*> values;
    for (const auto& [name, value] : words) {
        names.push_back(name);
        values.push_back(value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    connection_ptr connection(PQconnectStartParams(names.data(), values.data(), 0));
    if (connection) {
        PQsetErrorVerbosity(connection.get(), PQERRORS_SQLSTATE);
        PQsetNoticeReceiver(connection.get(), swallow_notice, nullptr);
    }
    return connection;
}

/// Behind the handshake, before the first word of the login.
bool has_just_been_secured(PGconn* connection) {
    return PQsslInUse(connection) != 0 && PQstatus(connection) == CONNECTION_MADE;
}

/// libpq knows no pins. `require` beside the pin lets every certificate through as far as here.
bool shows_pinned_certificate(PGconn* connection, const std::string& pin) {
    auto* const ssl = static_cast<SSL*>(PQsslStruct(connection, "OpenSSL"));
    auto* const shown = ssl == nullptr ? nullptr : SSL_get0_peer_certificate(ssl);
    return shown != nullptr && tls::sha256_of(*shown) == pin;
}

/// How a connection came about, as far as it did.
struct connecting {
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    bool secured = false;
    bool is_another = false; ///< not the pinned certificate's
};

asio::awaitable<connecting>
finish_connecting(PGconn* connection, const std::string& pin, socket_wait& wait) {
    connecting made;
    auto& status = made.status;
    while (status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING) {
        const auto direction = status == PGRES_POLLING_READING ? stream_descriptor::wait_read
                                                               : stream_descriptor::wait_write;
        const bool in_time = co_await wait.ready(connection, direction);
        if (!in_time) {
            status = PGRES_POLLING_FAILED;
            co_return made;
        }
        status = PQconnectPoll(connection);
        if (has_just_been_secured(connection)) {
            made.secured = true;
            made.is_another = !pin.empty() && !shows_pinned_certificate(connection, pin);
        }
        if (made.is_another) {
            status = PGRES_POLLING_FAILED;
        }
    }
    co_return made;
}

/// The five characters that PQERRORS_SQLSTATE leaves at the end of "FATAL:  57P03\n".
std::string_view sqlstate_of(std::string_view message) {
    while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) {
        message.remove_suffix(1);
    }
    const auto space = message.find_last_of(' ');
    const auto last = space == std::string_view::npos ? message : message.substr(space + 1);
    const bool is_code =
        last.size() == 5 &&
        last.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
    return is_code ? last : std::string_view{};
}

/// libpq gives up by itself, without an SQLSTATE, when the server asks for what it can't do (GSSAPI
/// without a ticket, a SASL mechanism it does not know). The server has answered all the same, and
/// only libpq's own words tell so; they are not translated, since no locale is ever set here.
bool asked_for_authentication(std::string_view message) {
    const auto says = [message](std::string_view words) {
        return message.find(words) != std::string_view::npos;
    };
    const bool is_another_protocol = says("expected authentication request");
    const bool names_a_method = says("authentication") || says("SASL") || says("GSSAPI");
    return names_a_method && !is_another_protocol;
}

/// A server that was to speak TLS and has not come so far. Whatever it said, it said in the clear.
probe_outcome judge_unsecured(PGconn* connection, const connecting& made) {
    if (made.is_another) {
        return {.reason = "TLS: the server's certificate is not the pinned one"};
    }
    const std::string_view words = PQerrorMessage(connection);
    const bool speaks_of_tls = words.find("SSL") != std::string_view::npos ||
                               words.find("certificate") != std::string_view::npos;
    const auto line = std::string(words.substr(0, words.find('\n')));
    return {.reason = speaks_of_tls ? "TLS: " + line : "no login answer"};
}

/// A login that failed: has Postgres itself spoken, and is it open for business?
probe_outcome judge_refusal(PGconn* connection) {
    if (PQconnectionNeedsPassword(connection) != 0) {
        return {.ready = true};
    }
    const auto sqlstate = sqlstate_of(PQerrorMessage(connection));
    const bool answered = !sqlstate.empty() && sqlstate.substr(0, 4) != "57P0";
    const bool asked = sqlstate.empty() && asked_for_authentication(PQerrorMessage(connection));
    if (answered || asked) {
        return {.ready = true};
    }
    return {
        .reason = sqlstate.empty() ? "no login answer" : "server answered " + std::string(sqlstate)
    };
}

asio::awaitable<result_ptr> run_query(PGconn* connection, const char* sql, socket_wait& wait) {
    if (PQsendQuery(connection, sql) == 0) {
        co_return nullptr;
    }
    result_ptr last;
    for (;;) {
        while (PQisBusy(connection) != 0) {
            const bool in_time = co_await wait.ready(connection, stream_descriptor::wait_read);
            if (!in_time || PQconsumeInput(connection) == 0) {
                co_return nullptr;
            }
        }
        result_ptr next(PQgetResult(connection));
        if (!next) {
            co_return last;
        }
        last = std::move(next);
    }
}

std::string_view value(const result_ptr& result, int column) {
    const bool usable = result && PQresultStatus(result.get()) == PGRES_TUPLES_OK &&
                        PQntuples(result.get()) > 0 && column < PQnfields(result.get());
    return usable ? std::string_view(PQgetvalue(result.get(), 0, column)) : std::string_view{};
}

asio::awaitable<probe_outcome>
ask_server(PGconn* connection, const probe_settings& settings, socket_wait& wait) {
    constexpr auto state_query =
        "SELECT NOT pg_catalog.pg_is_in_recovery(),"
        " pg_catalog.current_setting('max_connections')::int"
        " - pg_catalog.current_setting('superuser_reserved_connections')::int";
    const auto state = co_await run_query(connection, state_query, wait);
    probe_outcome outcome;
    if (value(state, 0) != "t") {
        outcome.reason = value(state, 0).empty() ? "state query failed" : "server is a standby";
        co_return outcome;
    }
    const auto limit = value(state, 1);
    std::size_t number = 0;
    if (std::from_chars(limit.data(), limit.data() + limit.size(), number).ec == std::errc{}) {
        outcome.connection_limit = number;
    }
    if (!settings.system_identifier.empty()) {
        constexpr auto identity_query =
            "SELECT system_identifier FROM pg_catalog.pg_control_system()";
        const auto identity = co_await run_query(connection, identity_query, wait);
        if (value(identity, 0) != settings.system_identifier) {
            outcome.reason = "another server stands at this address (system_identifier differs)";
            co_return outcome;
        }
    }
    if (!settings.ready_query.empty()) {
        const auto answer = co_await run_query(connection, settings.ready_query.c_str(), wait);
        if (value(answer, 0) != "t") {
            outcome.reason = "ready_query did not answer true";
            co_return outcome;
        }
    }
    outcome.ready = true;
    co_return outcome;
}

asio::awaitable<probe_outcome> probe_endpoint(
    const probe_settings& settings, asio::ip::tcp::endpoint endpoint, socket_wait& wait
) {
    const auto connection = start_connecting(settings, endpoint);
    probe_outcome outcome;
    if (!connection || PQstatus(connection.get()) == CONNECTION_BAD) {
        outcome.reason = "connection failed at once";
        co_return outcome;
    }
    const auto made = co_await finish_connecting(connection.get(), settings.tls.pin, wait);
    if (settings.tls.needs_tls() && (!made.secured || made.is_another)) {
        co_return judge_unsecured(connection.get(), made);
    }
    if (made.status == PGRES_POLLING_OK && !settings.user.empty()) {
        outcome = co_await ask_server(connection.get(), settings, wait);
        co_return outcome;
    }
    if (made.status == PGRES_POLLING_OK) {
        outcome.ready = true;
        co_return outcome;
    }
    outcome = judge_refusal(connection.get());
    if (!settings.user.empty()) {
        // The login was to succeed; that the server answered at all is not what was asked.
        outcome.reason = outcome.ready ? "login refused; check probe.user and probe.password_file"
                                       : outcome.reason;
        outcome.ready = false;
    }
    co_return outcome;
}

} // namespace

asio::awaitable<probe_outcome> probe(probe_settings settings) {
    const auto executor = co_await asio::this_coro::executor;
    const auto endpoints = co_await look_up(settings.address);
    socket_wait wait(executor, clock::now() + settings.timeout);
    probe_outcome outcome;
    outcome.reason = "name has no address";
    for (const auto& endpoint : endpoints) {
        outcome = co_await probe_endpoint(settings, endpoint, wait);
        if (outcome.ready) {
            break;
        }
    }
    co_return outcome;
}

} // namespace wakegate::proxy
