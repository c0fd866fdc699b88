#include "proxy/backend/server_connection.hpp"
#include "tests/support/stale_event.hpp"

#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

using namespace support;

/// A port at which a connect comes to no end: its queue is full, so that a SYN is dropped.
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

/// How far libpq believes to be when the time is over.
asio::awaitable<ConnStatusType> log_in_after(stale_event& event, const tcp::endpoint& endpoint) {
    const auto executor = co_await asio::this_coro::executor;
    const server_login login{
        .host = "127.0.0.1",
        .user = "app",
        .password = "",
        .database = "app",
        .application_name = "test",
    };
    const auto deadline = clock::now() + milliseconds(100);
    server_connection connection(executor, endpoint, login, deadline);
    co_await event.come_up();
    co_await connection.log_in();
    co_return PQstatus(connection.raw());
}

/// Or else libpq sends its first message into the void, and waits for room with the whole thread.
TEST(server_connection, takes_no_wait_that_asio_ends_early_for_a_connect_that_has_come_to_its_end) {
    asio::io_context context{1};
    const full_listener server(context);
    stale_event event(context);
    EXPECT_EQ(run(context, log_in_after(event, server.endpoint())), CONNECTION_STARTED);
}

} // namespace
} // namespace wakegate::proxy
