#include "proxy/libpq/server_connection.hpp"

#include "common/descriptor_ready.hpp"
#include "common/no_throw.hpp"
#include "proxy/libpq/connection_parameters.hpp"
#include "proxy/tls/certificate.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <openssl/ssl.h>

#include <utility>
#include <vector>

#include <poll.h>

namespace wakegate::proxy {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;

namespace {

void swallow_notice(void*, const PGresult*) {}

} // namespace

server_connection::server_connection(
    asio::any_io_executor executor,
    const asio::ip::tcp::endpoint& endpoint,
    const server_login& login,
    time_point deadline
)
    : executor_(std::move(executor)), deadline_(deadline), tls_(login.tls) {
    start_connecting(endpoint, login);
}

void server_connection::start_connecting(
    const asio::ip::tcp::endpoint& endpoint, const server_login& login
) {
    const auto words = connection_parameters(login, endpoint);
    std::vector<const char*> names;
    std::vector<const char*> values;
    for (const auto& [name, value] : words) {
        names.push_back(name);
        values.push_back(value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    connection_.reset(PQconnectStartParams(names.data(), values.data(), 0));
    if (connection_) {
        PQsetErrorVerbosity(raw(), PQERRORS_SQLSTATE);
        PQsetNoticeReceiver(raw(), swallow_notice, nullptr);
    }
}

/// Waits for the connection's socket without owning it: libpq may replace it between two calls, so
/// each wait wraps it anew. False once the deadline has passed or the socket is gone.
asio::awaitable<bool> server_connection::ready(wait_type direction) {
    if (PQsocket(raw()) < 0 || clock::now() >= deadline_) {
        co_return false;
    }
    stream_descriptor socket(executor_, PQsocket(raw()));
    asio::steady_timer timer(executor_, deadline_);
    timer.async_wait([&socket](boost::system::error_code stopped) {
        if (!stopped) {
            boost::system::error_code already_released;
            socket.cancel(already_released);
        }
    });
    // Called too early, libpq takes the connect for done and then blocks the thread.
    const short events = direction == stream_descriptor::wait_read ? POLLIN : POLLOUT;
    bool is_there = false;
    bool goes_on = true;
    while (goes_on && clock::now() < deadline_) {
        const auto [cancelled] = co_await socket.async_wait(direction, no_throw);
        is_there = !cancelled && descriptor_ready(socket.native_handle(), events);
        goes_on = !cancelled && !is_there;
    }
    const auto fired = timer.cancel() == 0;
    socket.release();
    if (fired) {
        // Its handler is queued and refers to the socket: let it run before that is destroyed.
        co_await asio::post(executor_, asio::use_awaitable);
    }
    co_return is_there && !fired;
}

asio::awaitable<bool> server_connection::log_in() {
    if (PQstatus(raw()) == CONNECTION_BAD) {
        co_return false;
    }
    auto status = PGRES_POLLING_WRITING;
    while (status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING) {
        const auto direction = status == PGRES_POLLING_READING ? stream_descriptor::wait_read
                                                               : stream_descriptor::wait_write;
        const bool in_time = co_await ready(direction);
        if (!in_time) {
            co_return false;
        }
        status = PQconnectPoll(raw());
        check_pin();
        if (pin_mismatch_) {
            co_return false;
        }
    }
    const bool secured_enough = secured_ || !tls_.requires_tls();
    co_return status == PGRES_POLLING_OK&& secured_enough;
}

/// After the handshake, before the first message of the login. libpq has no pins: up to here,
/// `require` with a pin accepts every certificate.
void server_connection::check_pin() {
    if (PQsslInUse(raw()) == 0 || PQstatus(raw()) != CONNECTION_MADE) {
        return;
    }
    secured_ = true;
    auto* const ssl = static_cast<SSL*>(PQsslStruct(raw(), "OpenSSL"));
    auto* const shown = ssl == nullptr ? nullptr : SSL_get0_peer_certificate(ssl);
    const bool is_pinned = shown != nullptr && tls::sha256_of(*shown) == tls_.pin;
    pin_mismatch_ = !tls_.pin.empty() && !is_pinned;
}

std::string server_connection::tls_error() const {
    if (!tls_.requires_tls() || (secured_ && !pin_mismatch_)) {
        return {};
    }
    if (pin_mismatch_) {
        return "TLS: the server's certificate is not the pinned one";
    }
    const std::string_view words = PQerrorMessage(raw());
    const bool speaks_of_tls = words.find("SSL") != std::string_view::npos ||
                               words.find("certificate") != std::string_view::npos;
    const auto line = std::string(words.substr(0, words.find('\n')));
    return speaks_of_tls ? "TLS: " + line : "no login answer";
}

/// libpq reads as much of a TLS record as its buffer has room for. The rest does not make the
/// socket readable.
bool server_connection::has_decrypted() const {
    auto* const ssl = static_cast<SSL*>(PQsslStruct(raw(), "OpenSSL"));
    return ssl != nullptr && SSL_pending(ssl) > 0;
}

asio::awaitable<bool> server_connection::receive(result_ptr& next) {
    while (PQisBusy(raw()) != 0) {
        bool has_more = has_decrypted();
        if (!has_more) {
            has_more = co_await ready(stream_descriptor::wait_read);
        }
        if (!has_more || PQconsumeInput(raw()) == 0) {
            co_return false;
        }
    }
    next.reset(PQgetResult(raw()));
    co_return true;
}

asio::awaitable<result_ptr> server_connection::run(const char* sql) {
    if (PQsendQuery(raw(), sql) == 0) {
        co_return nullptr;
    }
    result_ptr last;
    for (;;) {
        result_ptr next;
        const bool received = co_await receive(next);
        if (!received) {
            co_return nullptr;
        }
        if (!next) {
            co_return last;
        }
        last = std::move(next);
    }
}

asio::awaitable<bool> server_connection::has_system_identifier(const std::string& system_identifier
) {
    if (system_identifier.empty()) {
        co_return true;
    }
    constexpr auto identity_query = "SELECT system_identifier FROM pg_catalog.pg_control_system()";
    const auto identity = co_await run(identity_query);
    co_return first_value(identity, 0) == system_identifier;
}

/// The five characters that PQERRORS_SQLSTATE leaves at the end of "FATAL:  57P03\n".
std::string_view server_connection::login_sqlstate() const {
    std::string_view message = PQerrorMessage(raw());
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

std::string_view first_value(const result_ptr& result, int column) {
    const bool usable = result && PQresultStatus(result.get()) == PGRES_TUPLES_OK &&
                        PQntuples(result.get()) > 0 && column < PQnfields(result.get());
    return usable ? std::string_view(PQgetvalue(result.get(), 0, column)) : std::string_view{};
}

} // namespace wakegate::proxy
