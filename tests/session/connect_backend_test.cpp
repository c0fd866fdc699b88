#include "proxy/session/connect_backend.hpp"
#include "tests/support/loopback.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wakegate::proxy {
namespace {

using namespace support;

struct listening_backend : testing::Test {
    std::string connected(const std::string& preface) {
        const cluster_settings settings{
            .backend = {"127.0.0.1", acceptor.local_endpoint().port()},
            .connect_timeout = seconds(60),
        };
        return run(context, connect_backend(server, settings, preface)).reason;
    }

    asio::io_context context{1};
    tcp::acceptor acceptor{context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    async_socket server{tcp::socket(context)};
};

TEST_F(listening_backend, hears_the_preface_first) {
    EXPECT_EQ(connected("who is there, "), "");
    asio::write(server.socket(), asio::buffer("what it wants", 13));
    auto accepted = acceptor.accept();
    EXPECT_EQ(run(context, receive(accepted, 27)), "who is there, what it wants");
}

TEST_F(listening_backend, hears_nothing_when_there_is_no_preface) {
    EXPECT_EQ(connected(""), "");
    auto accepted = acceptor.accept();
    EXPECT_EQ(accepted.available(), 0U);
}

TEST_F(listening_backend, may_have_gone) {
    const cluster_settings gone{.backend = {"127.0.0.1", acceptor.local_endpoint().port()}};
    acceptor.close();
    EXPECT_EQ(run(context, connect_backend(server, gone, "x")).reason, "Connection refused");
    EXPECT_FALSE(server.socket().is_open());
}

} // namespace
} // namespace wakegate::proxy
