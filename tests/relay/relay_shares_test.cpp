#include "proxy/relay/relay_loop.hpp"
#include "tests/support/relay_rig.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <sys/epoll.h>

// Linked with the linker's --wrap, so that turns and what is read in them can be counted.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {
ssize_t __real_recv(int descriptor, void* buffer, std::size_t size, int flags);
int __real_epoll_wait(int set, epoll_event* events, int most, int limit_ms);
ssize_t __wrap_recv(int descriptor, void* buffer, std::size_t size, int flags);
int __wrap_epoll_wait(int set, epoll_event* events, int most, int limit_ms);
}

namespace {

thread_local bool is_relay = false;
thread_local std::size_t read_in_turn = 0;
std::atomic<std::size_t> most_in_turn = 0;
std::atomic<int> full_turns = 0; ///< in which as much was read as ever

} // namespace

ssize_t __wrap_recv(int descriptor, void* buffer, std::size_t size, int flags) {
    const auto count = __real_recv(descriptor, buffer, size, flags);
    if (is_relay && count > 0) {
        read_in_turn += static_cast<std::size_t>(count);
    }
    return count;
}

int __wrap_epoll_wait(int set, epoll_event* events, int most, int limit_ms) {
    constexpr std::size_t share = 1 << 20;
    is_relay = true;
    full_turns += read_in_turn >= share ? 1 : 0;
    most_in_turn = std::max(most_in_turn.load(), std::exchange(read_in_turn, 0));
    // Time for both ends, so that each turn finds as much as a turn may take.
    std::this_thread::sleep_for(std::chrono::milliseconds(4));
    return __real_epoll_wait(set, events, most, limit_ms);
}

// NOLINTEND(bugprone-reserved-identifier)

namespace wakegate::proxy {
namespace {

using namespace support;

TEST(relay_shares, are_the_same_in_each_turn_however_long_a_session_has_more) {
    relay_loop loop;
    const auto session = relay_logged_in(loop);
    constexpr std::size_t size = std::size_t{256} << 20;
    std::thread server_speaks([&] {
        const std::string chunk(1 << 20, 'x');
        for (std::size_t said = 0; said < size; said += chunk.size()) {
            session.server.say(chunk);
        }
    });
    std::thread client_hears([&] {
        std::array<char, 1 << 16> chunk{};
        for (std::size_t heard = 0; heard < size;) {
            const auto count = ::read(session.client.descriptor(), chunk.data(), chunk.size());
            ASSERT_GT(count, 0);
            heard += static_cast<std::size_t>(count);
        }
    });
    server_speaks.join();
    client_hears.join();
    constexpr std::size_t share = 1 << 20, one_read = 256 * 1024;
    EXPECT_GT(full_turns, 0) << "nothing was shown";
    EXPECT_LE(most_in_turn, share + one_read);
}

} // namespace
} // namespace wakegate::proxy
