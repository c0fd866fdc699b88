// A socket layer that is within its rights and no help at all: linked in with the linker's --wrap,
// it gives the relay's thread short reads, short writes, refusals to write and wake-ups without a
// cause. Other threads are left alone. What it does is drawn from a fixed seed.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <map>
#include <random>

#include <sys/epoll.h>
#include <sys/socket.h>

// The linker's names, not ours.
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

namespace {

/// One relay thread's view of its sockets. It is the thread that waits on an epoll set of its own.
struct hostile_thread {
    std::minstd_rand random{4711};
    std::map<int, epoll_event> registered;

    std::size_t some_of(std::size_t size) {
        constexpr std::array<std::size_t, 8> most{1, 1, 2, 5, 6, 4'096, 65'536, 1 << 20};
        return std::min(size, most.at(random() % most.size()));
    }
};

thread_local hostile_thread hostile;

bool is_relay_thread() {
    return !hostile.registered.empty();
}

/// The descriptors of ended sessions are gone without a word; a refused MOD finds them.
bool is_still_registered(int set, int descriptor, epoll_event event) {
    return __real_epoll_ctl(set, EPOLL_CTL_MOD, descriptor, &event) == 0;
}

} // namespace

ssize_t __wrap_recv(int descriptor, void* buffer, std::size_t size, int flags) {
    const auto room = is_relay_thread() ? hostile.some_of(size) : size;
    return __real_recv(descriptor, buffer, room, flags);
}

ssize_t __wrap_send(int descriptor, const void* data, std::size_t size, int flags) {
    if (!is_relay_thread()) {
        return __real_send(descriptor, data, size, flags);
    }
    if (hostile.random() % 16 == 0) {
        errno = EAGAIN;
        return -1;
    }
    return __real_send(descriptor, data, hostile.some_of(size), flags);
}

int __wrap_epoll_ctl(int set, int operation, int descriptor, epoll_event* event) {
    const int result = __real_epoll_ctl(set, operation, descriptor, event);
    // Level-triggered ones are the loop's own doorbell, and other libraries' sets.
    if (result == 0 && operation == EPOLL_CTL_ADD && (event->events & EPOLLET) != 0 &&
        (event->events & EPOLLOUT) != 0 && (event->events & EPOLLRDHUP) != 0) {
        hostile.registered[descriptor] = *event;
    }
    return result;
}

/// Since a short read means an empty socket to a reader of edges, whatever was left there needs a
/// new one: asking the kernel to look again at every descriptor makes it, and many that have no
/// cause.
int __wrap_epoll_wait(int set, epoll_event* events, int most, int limit_ms) {
    for (auto entry = hostile.registered.begin(); entry != hostile.registered.end();) {
        const bool present = is_still_registered(set, entry->first, entry->second);
        entry = present ? std::next(entry) : hostile.registered.erase(entry);
    }
    return __real_epoll_wait(set, events, most, limit_ms);
}

// NOLINTEND(bugprone-reserved-identifier)
