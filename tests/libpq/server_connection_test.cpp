#include "proxy/libpq/server_connection.hpp"
#include "proxy/wire/bytes.hpp"
#include "tests/support/message_bytes.hpp"
#include "tests/support/stale_event.hpp"
#include "tests/support/tls_far_end.hpp"

#include <boost/asio/read.hpp>

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>
#include <tuple>

namespace wakegate::proxy {
namespace {

using namespace support;

/// A port on which connects do not complete: its queue is full, so that a SYN is dropped.
class full_listener {
public:
    explicit full_listener(asio::io_context& context) : acceptor_(context), occupant_(context) {
        acceptor_.open(tcp::v4());
        acceptor_.bind(tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        acceptor_.listen(0);
        occupant_.connect(endpoint());
    }

    [[nodiscard]] tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

private:
    tcp::acceptor acceptor_;
    tcp::socket occupant_;
};

server_login login_by(tls::backend_mode way) {
    return {
        .host = "127.0.0.1",
        .user = "app",
        .password = "",
        .database = "app",
        .application_name = "test",
        .tls = {.mode = way},
    };
}

/// libpq's connection status at the deadline.
asio::awaitable<ConnStatusType> log_in_after(stale_event& event, const tcp::endpoint& endpoint) {
    const auto executor = co_await asio::this_coro::executor;
    const auto login = login_by(tls::backend_mode::disable);
    const auto deadline = clock::now() + milliseconds(100);
    server_connection connection(executor, endpoint, login, deadline);
    co_await event.come_up();
    co_await connection.log_in();
    co_return PQstatus(connection.raw());
}

/// Else libpq sends its first message on an unconnected socket, and blocks the thread.
TEST(server_connection, takes_no_wait_that_asio_ends_early_for_a_connect_that_has_come_to_its_end) {
    asio::io_context context{1};
    const full_listener server(context);
    stale_event event(context);
    EXPECT_EQ(run(context, log_in_after(event, server.endpoint())), CONNECTION_STARTED);
}

/// Answers one client through TLS: its login, then each query with `answer`.
void serve_with_tls(tcp::acceptor& acceptor, const std::string& answer) {
    auto client = acceptor.accept();
    std::array<char, 8> request{};
    asio::read(client, asio::buffer(request));
    asio::write(client, asio::buffer("S", 1));
    const auto own = make_identity();
    tls_far_end secured(client.native_handle(), own);
    ASSERT_TRUE(secured.connect());
    const auto hear_length = [&secured] { return wire::load_uint32(secured.receive(4)); };
    std::ignore = secured.receive(hear_length() - 4); // the startup message
    secured.send_all(authentication_ok() + backend_key_data("pid!secr") + ready_for_query('I'));
    while (secured.receive(1) == "Q") {
        std::ignore = secured.receive(hear_length() - 4);
        secured.send_all(answer);
    }
}

/// An answer of this many rows, in two TLS records. While it reads the second, libpq has the
/// beginning of a row in its buffer, and no room for all that OpenSSL has decrypted.
std::string answer_with(int rows) {
    const auto one_column = std::string("\0\1", 2) + text("a") + std::string(18, '\0');
    auto answer = frame('T', one_column);
    for (int i = 0; i < rows; ++i) {
        answer += data_row(std::string(133, 'x'));
    }
    return answer + command_complete("SELECT") + ready_for_query('I');
}

asio::awaitable<int> rows_told_by(const tcp::endpoint& endpoint) {
    const auto executor = co_await asio::this_coro::executor;
    const auto login = login_by(tls::backend_mode::require);
    const auto deadline = clock::now() + seconds(20);
    server_connection connection(executor, endpoint, login, deadline);
    const bool logged_in = co_await connection.log_in();
    EXPECT_TRUE(logged_in);
    const auto result = co_await connection.run("SELECT");
    co_return result ? PQntuples(result.get()) : -1;
}

TEST(server_connection, reads_what_tls_has_decrypted_when_the_socket_has_no_more) {
    constexpr int rows = 227;
    const auto answer = answer_with(rows);
    ASSERT_EQ(answer.size(), 16'384U + 16'349U);
    asio::io_context context{1};
    tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    std::thread server([&] { serve_with_tls(acceptor, answer); });
    EXPECT_EQ(run(context, rows_told_by(acceptor.local_endpoint())), rows);
    server.join();
}

} // namespace
} // namespace wakegate::proxy
