#include "proxy/net/async_socket.hpp"
#include "tests/support/loopback.hpp"

#include <gtest/gtest.h>

#include <array>

namespace wakegate::proxy {
namespace {

using namespace support;

struct async_socket_test : testing::Test {
    async_socket_test() : socket(std::move(pair.near)) {}

    std::size_t read() { return run(context, socket.read_some(room)); }

    void reset() {
        pair.far.set_option(tcp::socket::linger(true, 0));
        pair.far.close();
    }

    asio::io_context context{1};
    connected_pair pair{context};
    async_socket socket;
    std::array<char, 16> room{};
};

TEST_F(async_socket_test, reads_what_is_there) {
    run(context, send_all(pair.far, "abc"));
    EXPECT_EQ(read(), 3U);
}

TEST_F(async_socket_test, tells_the_end_of_the_stream) {
    pair.far.close();
    EXPECT_EQ(read(), 0U);
    EXPECT_EQ(socket.error_message(), "End of file");
}

TEST_F(async_socket_test, tells_a_reader_of_a_reset) {
    reset();
    EXPECT_EQ(read(), 0U);
    EXPECT_EQ(socket.error_message(), "Connection reset by peer");
}

TEST_F(async_socket_test, tells_a_writer_of_a_reset) {
    reset();
    EXPECT_FALSE(run(context, socket.write("abc")));
    EXPECT_EQ(socket.error_message(), "Connection reset by peer");
}

} // namespace
} // namespace wakegate::proxy
