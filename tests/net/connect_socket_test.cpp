#include "proxy/net/connect_socket.hpp"
#include "proxy/net/phase_deadline.hpp"
#include "tests/support/loopback.hpp"

#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

using namespace support;

struct connect_socket_test : testing::Test {
    boost::system::error_code connect(const tcp::endpoint& to) {
        return run(context, connect_socket(socket, to, timeouts));
    }

    asio::io_context context{1};
    tcp::acceptor listening{context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    tcp::socket socket{context};
    tcp_timeouts timeouts;
};

TEST_F(connect_socket_test, connects_for_bytes_that_go_out_at_once) {
    EXPECT_FALSE(connect(listening.local_endpoint()));
    auto accepted = listening.accept();
    EXPECT_EQ(socket.local_endpoint(), accepted.remote_endpoint());
    tcp::no_delay at_once;
    socket.get_option(at_once);
    EXPECT_TRUE(at_once.value());
    tcp::socket::keep_alive kept_alive;
    socket.get_option(kept_alive);
    EXPECT_TRUE(kept_alive.value());
}

TEST_F(connect_socket_test, connects_to_a_peer_that_is_missed_in_time) {
    timeouts = {
        .keepalives_idle = seconds(7),
        .keepalives_interval = seconds(2),
        .keepalives_count = 4,
        .user_timeout = milliseconds(15'000),
    };
    EXPECT_FALSE(connect(listening.local_endpoint()));
    EXPECT_EQ(timeouts_of(socket.native_handle()), timeouts);
}

TEST_F(connect_socket_test, begins_anew_with_each_call) {
    EXPECT_FALSE(connect(listening.local_endpoint()));
    EXPECT_FALSE(connect(listening.local_endpoint()));
    auto first = listening.accept();
    auto second = listening.accept();
    EXPECT_EQ(socket.local_endpoint(), second.remote_endpoint());
}

TEST_F(connect_socket_test, tells_of_a_refusal_and_leaves_the_socket_closed) {
    const auto nobody = listening.local_endpoint();
    listening.close();
    EXPECT_EQ(connect(nobody), asio::error::connection_refused);
    EXPECT_FALSE(socket.is_open());
}

/// A listener whose queue is full drops SYNs (Linux), as a firewall does.
TEST_F(connect_socket_test, ends_when_its_wait_is_cancelled) {
    tcp::acceptor full(context);
    full.open(tcp::v4());
    full.bind(tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    full.listen(0);
    tcp::socket queued(context);
    queued.connect(full.local_endpoint());
    const phase_deadline deadline(socket, milliseconds(1));
    EXPECT_EQ(connect(full.local_endpoint()), asio::error::operation_aborted);
    EXPECT_TRUE(deadline.expired());
    EXPECT_FALSE(socket.is_open());
}

} // namespace
} // namespace wakegate::proxy
