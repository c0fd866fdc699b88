#include "proxy/net/descriptor_limit.hpp"

#include <algorithm>
#include <limits>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace wakegate::proxy {
namespace {

/// Eight bytes of kernel memory each; the kernel adds more when needed.
constexpr rlim_t most_at_once = 65'536;

/// Listeners, epolls, probes, scalers, /metrics, and clients being rejected.
constexpr rlim_t everything_else = 128;

} // namespace

void raise_descriptor_limit() noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return;
    }
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    // The kernel doubles the table when a number beyond it is given out (fs/file.c,
    // expand_fdtable). In a process with several threads that waits for an RCU grace period, often
    // 10 ms, in which every thread that opens a socket is blocked, in the middle of a release. With
    // one thread it need not wait, and the table never shrinks.
    const auto highest = static_cast<int>(std::min(limit.rlim_cur, most_at_once)) - 1;
    const int placed = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, highest);
    if (placed >= 0) {
        ::close(placed);
    }
}

std::size_t max_sessions() noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return std::numeric_limits<std::size_t>::max();
    }
    const auto reserved = std::min(limit.rlim_cur / 2, everything_else);
    return (limit.rlim_cur - reserved) / 2;
}

} // namespace wakegate::proxy
