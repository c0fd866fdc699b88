#include "common/tcp_timeouts.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace wakegate {
namespace {

void set(int descriptor, int option, int value) noexcept {
    // Fails only for sockets other than TCP; the values have been checked.
    [[maybe_unused]] const auto ignored =
        ::setsockopt(descriptor, IPPROTO_TCP, option, &value, sizeof value);
}

void set_unless_zero(int descriptor, int option, int value) noexcept {
    if (value != 0) {
        set(descriptor, option, value);
    }
}

int get(int descriptor, int option) noexcept {
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(descriptor, IPPROTO_TCP, option, &value, &size) == 0 ? value : 0;
}

} // namespace

void set_timeouts(int descriptor, const tcp_timeouts& wanted) noexcept {
    const auto user_timeout = static_cast<int>(wanted.user_timeout.count());
    set_unless_zero(descriptor, TCP_KEEPIDLE, static_cast<int>(wanted.keepalives_idle.count()));
    set_unless_zero(
        descriptor, TCP_KEEPINTVL, static_cast<int>(wanted.keepalives_interval.count())
    );
    set_unless_zero(descriptor, TCP_KEEPCNT, wanted.keepalives_count);
    set_unless_zero(descriptor, TCP_USER_TIMEOUT, user_timeout);
}

tcp_timeouts timeouts_of(int descriptor) noexcept {
    return {
        .keepalives_idle = seconds(get(descriptor, TCP_KEEPIDLE)),
        .keepalives_interval = seconds(get(descriptor, TCP_KEEPINTVL)),
        .keepalives_count = get(descriptor, TCP_KEEPCNT),
        .user_timeout = milliseconds(get(descriptor, TCP_USER_TIMEOUT)),
    };
}

void set_user_timeout(int descriptor, milliseconds wanted) noexcept {
    set(descriptor, TCP_USER_TIMEOUT, static_cast<int>(wanted.count()));
}

} // namespace wakegate
