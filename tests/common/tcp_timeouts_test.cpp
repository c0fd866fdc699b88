#include "common/tcp_timeouts.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

namespace wakegate {
namespace {

struct tcp_timeouts_test : testing::Test {
    ~tcp_timeouts_test() override { ::close(socket); }

    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

TEST_F(tcp_timeouts_test, are_set) {
    const tcp_timeouts wanted{
        .keepalives_idle = seconds(7),
        .keepalives_interval = seconds(2),
        .keepalives_count = 4,
        .user_timeout = milliseconds(1500),
    };
    set_timeouts(socket, wanted);
    EXPECT_EQ(timeouts_of(socket), wanted);
}

TEST_F(tcp_timeouts_test, of_zero_leave_the_kernels_own) {
    const auto before = timeouts_of(socket);
    EXPECT_GT(before.keepalives_idle, seconds(0));
    set_timeouts(
        socket,
        {.keepalives_idle = seconds(0),
         .keepalives_interval = seconds(0),
         .keepalives_count = 0,
         .user_timeout = milliseconds(0)}
    );
    EXPECT_EQ(timeouts_of(socket), before);
}

TEST_F(tcp_timeouts_test, let_one_of_them_return_to_the_kernels_own) {
    set_timeouts(socket, {});
    set_user_timeout(socket, milliseconds(0));
    EXPECT_EQ(timeouts_of(socket).user_timeout, milliseconds(0));
    EXPECT_EQ(timeouts_of(socket).keepalives_idle, tcp_timeouts().keepalives_idle);
}

/// tcp(7): see the comment in the header.
TEST_F(tcp_timeouts_test, give_a_silent_peer_as_long_by_default_either_way) {
    const tcp_timeouts by_default;
    EXPECT_EQ(
        by_default.user_timeout,
        by_default.keepalives_idle + by_default.keepalives_count * by_default.keepalives_interval
    );
}

TEST(tcp_timeouts_of, what_is_no_tcp_socket_are_zero) {
    EXPECT_EQ(timeouts_of(-1).keepalives_idle, seconds(0));
    set_timeouts(-1, {});
}

} // namespace
} // namespace wakegate
