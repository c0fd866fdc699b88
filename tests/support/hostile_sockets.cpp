// A hostile socket layer that keeps to POSIX: linked in with the linker's --wrap, it gives every
// non-blocking connection that the program watches with epoll reads of one byte, short writes,
// EAGAIN though it is ready, and spurious wake-ups. Libraries that are linked dynamically, such as
// gRPC and libpq, are not affected.
#include "tests/support/hostility.hpp"

#include <algorithm>
#include <cerrno>
#include <map>
#include <mutex>
#include <vector>

#include <sys/epoll.h>
#include <sys/socket.h>

// The linker's --wrap prescribes these names.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {
ssize_t __real_recv(int descriptor, void* buffer, std::size_t size, int flags);
ssize_t __real_send(int descriptor, const void* data, std::size_t size, int flags);
int __real_epoll_wait(int set, epoll_event* events, int most, int limit_ms);
int __real_epoll_ctl(int set, int operation, int descriptor, epoll_event* event);
int __real_close(int descriptor);
ssize_t __wrap_recv(int descriptor, void* buffer, std::size_t size, int flags);
ssize_t __wrap_send(int descriptor, const void* data, std::size_t size, int flags);
int __wrap_epoll_wait(int set, epoll_event* events, int most, int limit_ms);
int __wrap_epoll_ctl(int set, int operation, int descriptor, epoll_event* event);
int __wrap_close(int descriptor);
}

namespace {

using namespace wakegate::support;

/// An idle thread gets a spurious wake-up this often.
constexpr int nap_ms = 100;

struct connection {
    int set = -1;
    epoll_event registered{};
    trouble_generator reading;
    trouble_generator writing;
};

/// Every watched connection by its descriptor, from EPOLL_CTL_ADD to EPOLL_CTL_DEL or close.
struct watched_connections {
    std::mutex mutex;
    std::map<int, connection> by_descriptor;
};

watched_connections& watched() {
    static auto& all = *new watched_connections; // never destroyed: still used at exit
    return all;
}

bool is_connection(int descriptor) {
    const auto option = [descriptor](int name) {
        int value = 0;
        socklen_t size = sizeof value;
        return ::getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
    };
    return option(SO_TYPE) == SOCK_STREAM && option(SO_ACCEPTCONN) == 0;
}

/// Calls `use` with the connection if it is in an epoll set.
template <typename Use> void if_watched(int descriptor, Use use) {
    auto& all = watched();
    const std::lock_guard lock(all.mutex);
    const auto found = all.by_descriptor.find(descriptor);
    if (found != all.by_descriptor.end()) {
        use(found->second);
    }
}

call_outcome
next_outcome(int descriptor, trouble_generator connection::* direction, std::size_t size) {
    call_outcome drawn{trouble::none, size};
    if_watched(descriptor, [&](connection& found_connection) {
        drawn = (found_connection.*direction).next(size);
    });
    return drawn;
}

/// Makes the kernel report the socket's state again: an edge-triggered program takes a short read
/// for an empty socket and a short write for a full one, and would wait for an edge for ever.
void rearm_edge(int descriptor) {
    if_watched(descriptor, [descriptor](connection& found_connection) {
        __real_epoll_ctl(
            found_connection.set, EPOLL_CTL_MOD, descriptor, &found_connection.registered
        );
    });
}

ssize_t fail_call(int descriptor, trouble kind) {
    if (kind == trouble::interrupted) {
        ++trouble_so_far().interrupted;
        errno = EINTR;
        return -1;
    }
    ++trouble_so_far().refused;
    rearm_edge(descriptor);
    errno = EAGAIN;
    return -1;
}

bool watches_connections(int set) {
    auto& all = watched();
    const std::lock_guard lock(all.mutex);
    return std::ranges::any_of(all.by_descriptor, [set](const auto& entry) {
        return entry.second.set == set;
    });
}

/// Reports one connection of the set as readable or writable, whether it is or not.
int report_spurious_event(int set, epoll_event* place) {
    auto& all = watched();
    const std::lock_guard lock(all.mutex);
    std::vector<epoll_event> candidates;
    for (const auto& [descriptor, entry] : all.by_descriptor) {
        if (entry.set == set) {
            candidates.push_back(entry.registered);
        }
    }
    if (candidates.empty()) {
        return 0;
    }
    *place = candidates.at(draw_below(candidates.size()));
    place->events &= draw_below(2) == 0 ? EPOLLIN : EPOLLIN | EPOLLOUT;
    ++trouble_so_far().false_alarms;
    return 1;
}

} // namespace

ssize_t __wrap_recv(int descriptor, void* buffer, std::size_t size, int flags) {
    const auto [kind, room] = next_outcome(descriptor, &connection::reading, size);
    if (kind == trouble::refused || kind == trouble::interrupted) {
        return fail_call(descriptor, kind);
    }
    const auto count = __real_recv(descriptor, buffer, room, flags);
    if (kind == trouble::cut && count == static_cast<ssize_t>(room)) {
        ++trouble_so_far().cut_reads;
        trouble_so_far().single_byte_reads += room == 1 ? 1 : 0;
        rearm_edge(descriptor);
    }
    if (count < 0 && errno == EAGAIN) {
        if_watched(descriptor, [](connection& found_connection) {
            found_connection.reading.paused();
        });
        errno = EAGAIN;
    }
    return count;
}

ssize_t __wrap_send(int descriptor, const void* data, std::size_t size, int flags) {
    const auto [kind, room] = next_outcome(descriptor, &connection::writing, size);
    if (kind == trouble::refused || kind == trouble::interrupted) {
        return fail_call(descriptor, kind);
    }
    const auto count = __real_send(descriptor, data, room, flags);
    if (kind == trouble::cut && count == static_cast<ssize_t>(room)) {
        ++trouble_so_far().cut_writes;
        rearm_edge(descriptor);
    }
    return count;
}

int __wrap_epoll_ctl(int set, int operation, int descriptor, epoll_event* event) {
    const bool concerns_us = is_connection(descriptor);
    auto& all = watched();
    const std::lock_guard lock(all.mutex);
    const int result = __real_epoll_ctl(set, operation, descriptor, event);
    if (result != 0 || !concerns_us) {
        return result;
    }
    if (operation == EPOLL_CTL_DEL) {
        all.by_descriptor.erase(descriptor);
    } else {
        auto& entry = all.by_descriptor[descriptor];
        entry.set = set;
        entry.registered = *event;
    }
    return result;
}

int __wrap_close(int descriptor) {
    {
        auto& all = watched();
        const std::lock_guard lock(all.mutex);
        all.by_descriptor.erase(descriptor);
    }
    return __real_close(descriptor);
}

int __wrap_epoll_wait(int set, epoll_event* events, int most, int limit_ms) {
    if (!watches_connections(set)) {
        return __real_epoll_wait(set, events, most, limit_ms);
    }
    if (draws_interruption()) {
        ++trouble_so_far().interrupted;
        errno = EINTR;
        return -1;
    }
    const bool is_alarm = draws_false_alarm();
    const bool may_nap = limit_ms < 0 || limit_ms > nap_ms;
    const int limit = may_nap ? nap_ms : limit_ms;
    const int count = __real_epoll_wait(set, events, most, is_alarm ? 0 : limit);
    const bool napped = may_nap && count == 0;
    if (count < 0 || count == most || (!is_alarm && !napped)) {
        return count;
    }
    return count + report_spurious_event(set, events + count);
}

// NOLINTEND(bugprone-reserved-identifier)
