#include "proxy/net/acceptor.hpp"
#include "tests/support/loopback.hpp"

#include <gtest/gtest.h>

namespace wakegate::proxy {
namespace {

using namespace support;

TEST(acceptor, has_stopped_though_a_connection_came_in_the_same_turn) {
    std::vector<std::unique_ptr<worker>> workers;
    workers.push_back(std::make_unique<worker>(0));
    asio::io_context home{1};
    int newcomers = 0;
    acceptor tested(home, "test", {"127.0.0.1", 0}, workers, [&](tcp::socket, worker&) {
        ++newcomers;
    });
    tcp::socket client(home);
    client.connect(tested.local_endpoints().front());
    tested.start();
    tested.stop();
    home.run_for(std::chrono::seconds(5));
    EXPECT_TRUE(home.stopped()) << "something is still waited for";
    EXPECT_EQ(newcomers, 1);
}

} // namespace
} // namespace wakegate::proxy
