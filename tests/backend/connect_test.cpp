#include "proxy/backend/connect.hpp"
#include "tests/support/loopback.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wakegate::proxy {
namespace {

using namespace support;

struct connect_test : testing::Test {
    connect_result<> connected(const std::string& header) {
        const backend_endpoint endpoint{
            .backend = {"127.0.0.1", acceptor.local_endpoint().port()},
            .connect_timeout = seconds(60),
        };
        return run(context, connect_backend(server, endpoint, header));
    }

    asio::io_context context{1};
    tcp::acceptor acceptor{context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    async_socket server{tcp::socket(context)};
};

TEST_F(connect_test, hears_the_header_first) {
    EXPECT_TRUE(connected("who is there, "));
    asio::write(server.socket(), asio::buffer("what it wants", 13));
    auto accepted = acceptor.accept();
    EXPECT_EQ(run(context, receive(accepted, 27)), "who is there, what it wants");
}

TEST_F(connect_test, hears_nothing_when_there_is_no_header) {
    EXPECT_TRUE(connected(""));
    auto accepted = acceptor.accept();
    EXPECT_EQ(accepted.available(), 0U);
}

TEST_F(connect_test, may_have_gone) {
    const backend_endpoint gone{.backend = {"127.0.0.1", acceptor.local_endpoint().port()}};
    acceptor.close();
    const auto result = run(context, connect_backend(server, gone, "x"));
    EXPECT_EQ(result.error().code, connect_errc::unreachable);
    EXPECT_EQ(to_string(result.error()), "Connection refused");
    EXPECT_FALSE(server.socket().is_open());
}

} // namespace
} // namespace wakegate::proxy
