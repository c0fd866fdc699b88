#include "proxy/relay/timeout_overrides.hpp"
#include "tests/support/relay_rig.hpp"

#include <gtest/gtest.h>

#include <array>
#include <linux/sockios.h>
#include <optional>
#include <string>
#include <utility>

#include <sys/ioctl.h>
#include <sys/socket.h>

namespace wakegate::proxy {
namespace {

using namespace support;

constexpr tcp_timeouts configured{
    .keepalives_idle = seconds(50),
    .keepalives_interval = seconds(40),
    .keepalives_count = 5,
    .user_timeout = milliseconds(90'000),
};

/// A connection whose peer never reads.
struct timeout_overrides_test : testing::Test {
    timeout_overrides_test() {
        auto [far, near] = connected_pair();
        peer.emplace(std::move(far));
        own.emplace(std::move(near));
        set_timeouts(socket(), configured);
    }

    [[nodiscard]] int socket() const { return own->descriptor(); }

    [[nodiscard]] milliseconds user_timeout() const { return timeouts_of(socket()).user_timeout; }

    [[nodiscard]] bool is_tight() const {
        return timeouts_of(socket()).keepalives_idle == seconds(1);
    }

    /// Sends until the peer's window is closed and the first window probe is due.
    void fill() const {
        constexpr std::size_t more_than_fits = 64 << 20;
        const std::string chunk(65'536, 'x');
        ASSERT_LT(own->send_until_blocked(chunk, more_than_fits), more_than_fits);
    }

    /// The peer reads until the kernel has nothing left to send.
    void drain_peer() const {
        std::array<char, 65'536> chunk{};
        int left = 1;
        while (left > 0) {
            while (::recv(peer->descriptor(), chunk.data(), chunk.size(), MSG_DONTWAIT) > 0) {
            }
            ::ioctl(socket(), SIOCOUTQ, &left);
        }
    }

    std::optional<far_end> peer;
    std::optional<far_end> own;
    timeout_overrides overrides;
    const time_point now{seconds(1'000)};
};

TEST_F(timeout_overrides_test, leave_a_connection_alone_that_has_nothing_to_send) {
    overrides.check(socket(), now);
    EXPECT_EQ(timeouts_of(socket()), configured);
}

TEST_F(timeout_overrides_test, suspend_the_user_timeout_while_the_window_is_closed) {
    fill();
    overrides.check(socket(), now);
    EXPECT_EQ(user_timeout(), milliseconds(0));
    EXPECT_EQ(timeouts_of(socket()).keepalives_idle, configured.keepalives_idle);
    overrides.check(socket(), now);
    EXPECT_EQ(user_timeout(), milliseconds(0));
    drain_peer();
    overrides.check(socket(), now);
    EXPECT_EQ(timeouts_of(socket()), configured);
}

TEST_F(timeout_overrides_test, let_the_kernel_ask_a_suspected_peer) {
    overrides.suspect(socket(), now);
    EXPECT_TRUE(overrides.has_suspects());
    const tcp_timeouts tight{
        .keepalives_idle = seconds(1),
        .keepalives_interval = seconds(1),
        .keepalives_count = 3,
        .user_timeout = seconds(0), // else one lost keepalive would close it
    };
    EXPECT_EQ(timeouts_of(socket()), tight);
}

TEST_F(timeout_overrides_test, restore_the_configured_ones_when_suspicion_is_over) {
    overrides.suspect(socket(), now);
    overrides.refresh(now + timeout_overrides::suspicion_time - milliseconds(1));
    EXPECT_TRUE(is_tight());
    overrides.refresh(now + timeout_overrides::suspicion_time);
    EXPECT_EQ(timeouts_of(socket()), configured);
    EXPECT_FALSE(overrides.has_suspects());
}

TEST_F(timeout_overrides_test, begin_suspicion_anew_when_it_is_raised_again) {
    overrides.suspect(socket(), now);
    overrides.suspect(socket(), now + seconds(20));
    overrides.refresh(now + timeout_overrides::suspicion_time);
    EXPECT_TRUE(is_tight());
    overrides.refresh(now + seconds(20) + timeout_overrides::suspicion_time);
    EXPECT_EQ(timeouts_of(socket()), configured);
    EXPECT_FALSE(overrides.has_suspects());
}

TEST_F(timeout_overrides_test, do_not_end_a_suspected_peer_that_only_does_not_read) {
    fill();
    overrides.suspect(socket(), now);
    EXPECT_TRUE(is_tight());
    EXPECT_EQ(user_timeout(), milliseconds(0));
    overrides.refresh(now + timeout_overrides::suspicion_time);
    EXPECT_FALSE(is_tight());
    EXPECT_FALSE(overrides.has_suspects());
    EXPECT_EQ(user_timeout(), milliseconds(0));
    drain_peer();
    overrides.refresh(now + timeout_overrides::suspicion_time);
    EXPECT_EQ(timeouts_of(socket()), configured);
}

TEST_F(timeout_overrides_test, are_never_longer_than_what_is_configured) {
    auto shorter = configured;
    shorter.keepalives_count = 1;
    set_timeouts(socket(), shorter);
    overrides.suspect(socket(), now);
    EXPECT_EQ(timeouts_of(socket()).keepalives_count, 1);
}

TEST_F(timeout_overrides_test, forget_a_connection_that_is_to_be_closed) {
    overrides.suspect(socket(), now);
    overrides.forget(socket());
    EXPECT_FALSE(overrides.has_suspects());
    overrides.refresh(now + timeout_overrides::suspicion_time);
    EXPECT_TRUE(is_tight()); // not touched any more
}

} // namespace
} // namespace wakegate::proxy
