#pragma once

#include "common/clock.hpp"
#include "proxy/tls/backend_settings.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <memory>
#include <string>
#include <string_view>

#include <libpq-fe.h>

namespace wakegate::proxy {

struct result_deleter {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};

using result_ptr = std::unique_ptr<PGresult, result_deleter>;

/// The parameters of one login at a server.
struct server_login {
    std::string host; ///< as the configuration names it; the address is looked up by the caller
    std::string user;
    std::string password;
    std::string database;
    const char* application_name;
    tls::backend_settings tls = {};
};

/// One connection of the proxy's own, through libpq's asynchronous API, on the caller's executor.
/// All of it ends at its deadline. Never throws.
class server_connection {
public:
    /// Begins to connect.
    server_connection(
        boost::asio::any_io_executor executor,
        const boost::asio::ip::tcp::endpoint& endpoint,
        const server_login& login,
        time_point deadline
    );

    /// True once logged in.
    [[nodiscard]] boost::asio::awaitable<bool> log_in();

    /// A new deadline for what has not begun yet.
    void set_deadline(time_point deadline) noexcept { deadline_ = deadline; }

    /// The result of the last statement in `sql`; null when the connection or the time ran out.
    [[nodiscard]] boost::asio::awaitable<result_ptr> run(const char* sql);

    /// After a query was sent: its next result, null after the last one. False when the connection
    /// or the time ran out.
    [[nodiscard]] boost::asio::awaitable<bool> receive(result_ptr& next);

    /// Whether the server has this pg_control_system().system_identifier. Empty: any server has.
    [[nodiscard]] boost::asio::awaitable<bool>
    has_system_identifier(const std::string& system_identifier);

    /// After `log_in` gave false: why TLS with the server failed, one line; empty: it did not fail,
    /// or is not required. "no login answer" for a server without the required TLS, whose other
    /// errors came in the clear.
    [[nodiscard]] std::string tls_error() const;

    /// Of a login that was refused; empty when no server answered, or libpq gave up by itself.
    [[nodiscard]] std::string_view login_sqlstate() const;

    /// Null when there was no memory for one; libpq's functions accept that.
    [[nodiscard]] PGconn* raw() const noexcept { return connection_.get(); }

private:
    struct connection_deleter {
        void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
    };

    using wait_type = boost::asio::posix::stream_descriptor::wait_type;

    void
    start_connecting(const boost::asio::ip::tcp::endpoint& endpoint, const server_login& login);
    [[nodiscard]] boost::asio::awaitable<bool> ready(wait_type direction);
    [[nodiscard]] bool has_decrypted() const;
    void check_pin();

    boost::asio::any_io_executor executor_;
    time_point deadline_;
    tls::backend_settings tls_;
    bool secured_ = false;
    bool pin_mismatch_ = false;
    std::unique_ptr<PGconn, connection_deleter> connection_;
};

/// Of the first row; empty when there is none, and for NULL.
[[nodiscard]] std::string_view first_value(const result_ptr& result, int column);

} // namespace wakegate::proxy
