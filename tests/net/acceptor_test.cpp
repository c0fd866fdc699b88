#include "proxy/net/acceptor.hpp"
#include "tests/support/loopback.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

namespace wakegate::proxy {
namespace {

using namespace support;

TEST(acceptor, has_stopped_though_a_connection_came_in_the_same_turn) {
    std::vector<std::unique_ptr<worker>> workers;
    workers.push_back(std::make_unique<worker>(0));
    asio::io_context home{1};
    int accepted_connections = 0;
    acceptor tested(home, "test", {"127.0.0.1", 0}, {}, workers, [&](tcp::socket, worker&) {
        ++accepted_connections;
    });
    tcp::socket client(home);
    client.connect(tested.local_endpoints().front());
    tested.start();
    tested.stop();
    home.run_for(std::chrono::seconds(5));
    EXPECT_TRUE(home.stopped()) << "something is still waited for";
    EXPECT_EQ(accepted_connections, 1);
}

TEST(acceptor, gives_each_connection_its_timeouts) {
    const tcp_timeouts timeouts{
        .keepalives_idle = seconds(7),
        .keepalives_interval = seconds(2),
        .keepalives_count = 4,
        .user_timeout = milliseconds(15'000),
    };
    std::vector<std::unique_ptr<worker>> workers;
    workers.push_back(std::make_unique<worker>(0));
    asio::io_context home{1};
    std::optional<tcp_timeouts> socket_timeouts;
    acceptor
        tested(home, "test", {"127.0.0.1", 0}, timeouts, workers, [&](tcp::socket client, worker&) {
            socket_timeouts = timeouts_of(client.native_handle());
            home.stop();
        });
    tcp::socket client(home);
    client.connect(tested.local_endpoints().front());
    tested.start();
    home.run();
    EXPECT_EQ(socket_timeouts, timeouts);
}

} // namespace
} // namespace wakegate::proxy
