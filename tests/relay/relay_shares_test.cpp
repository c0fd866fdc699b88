#include "proxy/relay/relay_loop.hpp"
#include "tests/support/relay_rig.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>

#include <sys/epoll.h>

// Linked with the linker's --wrap: a kernel in which one server always has more to send and its
// client always reads it, so that turns can be counted on a machine under any load.

namespace {

/// epoll's event in each turn but the first.
enum class turn_begins { with_the_servers_bytes, with_the_clients_bytes };

/// Once the session is added only the relay's thread uses it, except `over`.
struct scripted_kernel {
    int server = -1;
    int client = -1;
    turn_begins each_turn{};
    std::size_t left = 0; ///< bytes that the server still sends
    std::map<int, epoll_data> watched;
    std::size_t turns = 0;
    std::size_t read_in_turn = 0;
    std::size_t most_in_turn = 0;
    bool client_has_spoken = false; ///< in this turn
    std::atomic<bool> over = false;
};

/// Outlives the loop.
scripted_kernel* kernel = nullptr;

constexpr std::size_t share = 1 << 20; // duplex.cpp, bytes_per_turn
constexpr std::size_t one_read = 256 * 1024;
constexpr std::size_t most_turns = 10'000;

} // namespace

// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {
ssize_t __real_recv(int descriptor, void* buffer, std::size_t size, int flags);
ssize_t __real_send(int descriptor, const void* data, std::size_t size, int flags);
int __real_epoll_wait(int set, epoll_event* events, int most, int limit_ms);
int __real_epoll_ctl(int set, int operation, int descriptor, epoll_event* event);
ssize_t __wrap_recv(int descriptor, void* buffer, std::size_t size, int flags);
ssize_t __wrap_send(int descriptor, const void* data, std::size_t size, int flags);
int __wrap_epoll_wait(int set, epoll_event* events, int most, int limit_ms);
int __wrap_epoll_ctl(int set, int operation, int descriptor, epoll_event* event);
}

int __wrap_epoll_ctl(int set, int operation, int descriptor, epoll_event* event) {
    if (operation == EPOLL_CTL_ADD) {
        kernel->watched[descriptor] = event->data;
    }
    return __real_epoll_ctl(set, operation, descriptor, event);
}

ssize_t __wrap_recv(int descriptor, void* buffer, std::size_t size, int flags) {
    const bool client_speaks = descriptor == kernel->client &&
                               kernel->each_turn == turn_begins::with_the_clients_bytes &&
                               !std::exchange(kernel->client_has_spoken, true);
    if (client_speaks) {
        *static_cast<char*>(buffer) = 'x';
        return 1;
    }
    if (descriptor != kernel->server || kernel->left == 0) {
        return __real_recv(descriptor, buffer, size, flags);
    }
    const auto count = std::min(size, kernel->left);
    kernel->left -= count;
    kernel->read_in_turn += count;
    return static_cast<ssize_t>(count);
}

ssize_t __wrap_send(int descriptor, const void* data, std::size_t size, int flags) {
    const bool is_ours = descriptor == kernel->server || descriptor == kernel->client;
    return is_ours ? static_cast<ssize_t>(size) : __real_send(descriptor, data, size, flags);
}

int __wrap_epoll_wait(int set, epoll_event* events, int most, int limit_ms) {
    if (!kernel->watched.contains(kernel->server) || kernel->over) {
        return __real_epoll_wait(set, events, most, limit_ms);
    }
    kernel->most_in_turn = std::max(kernel->most_in_turn, std::exchange(kernel->read_in_turn, 0));
    kernel->client_has_spoken = false;
    if (kernel->left == 0 || kernel->turns == most_turns) {
        kernel->over = true;
        kernel->over.notify_all();
        return __real_epoll_wait(set, events, most, limit_ms);
    }
    const bool is_first = kernel->turns++ == 0;
    const bool of_server = is_first || kernel->each_turn == turn_begins::with_the_servers_bytes;
    const int descriptor = of_server ? kernel->server : kernel->client;
    *events = {.events = EPOLLIN, .data = kernel->watched.at(descriptor)};
    return 1;
}

// NOLINTEND(bugprone-reserved-identifier)

namespace wakegate::proxy {
namespace {

using namespace support;

struct relay_shares : testing::TestWithParam<turn_begins> {};

TEST_P(relay_shares, are_one_for_each_turn_whichever_side_has_events) {
    constexpr std::size_t all = 100 * share;
    auto [client, near_client] = connected_pair();
    auto [server, near_server] = connected_pair();
    scripted_kernel own;
    kernel = &own;
    kernel->server = near_server.get();
    kernel->client = near_client.get();
    kernel->each_turn = GetParam();
    kernel->left = all;
    relay_loop loop;
    loop.add_session({
        .client = std::move(near_client),
        .server = std::move(near_server),
        .owner = std::make_unique<recording_owner>(std::make_shared<recorded_events>()),
    });
    // The real kernel's event for the server's first bytes starts it.
    const far_end speaker(std::move(server));
    speaker.send_all("x");
    kernel->over.wait(false);
    EXPECT_LE(kernel->most_in_turn, share + one_read);
    EXPECT_LE(kernel->turns, all / share + 2);
}

INSTANTIATE_TEST_SUITE_P(
    relay_shares,
    relay_shares,
    testing::Values(turn_begins::with_the_servers_bytes, turn_begins::with_the_clients_bytes),
    [](const auto& tested) {
        return tested.param == turn_begins::with_the_clients_bytes ? "events_of_the_client"
                                                                   : "events_of_the_server";
    }
);

} // namespace
} // namespace wakegate::proxy
