#pragma once

#include "common/clock.hpp"

namespace wakegate {

/// How soon the kernel closes a connection whose peer has vanished without closing it (its machine
/// lost power, a NAT entry or a route is gone), see tcp(7). Zero, for each of them: the kernel's
/// default, which is two hours for a silent connection and about 15 minutes for one with data under
/// way.
///
/// Together the defaults close either within a minute. That is longer than most routes take to
/// recover, and a pool of 1,000 idle sessions costs 33 empty segments a second. `user_timeout` is
/// idle + interval * count, because with keepalives it replaces `keepalives_count`: a smaller one
/// would close a connection for one lost keepalive.
struct tcp_timeouts {
    seconds keepalives_idle{30};       ///< TCP_KEEPIDLE; at most 32,767 s
    seconds keepalives_interval{10};   ///< TCP_KEEPINTVL; at most 32,767 s
    int keepalives_count = 3;          ///< TCP_KEEPCNT; at most 127
    milliseconds user_timeout{60'000}; ///< TCP_USER_TIMEOUT

    friend bool operator==(const tcp_timeouts&, const tcp_timeouts&) = default;
};

/// Sets those of a connection or, for all that it will accept, of a listener; leaves zeros as they
/// are. Has no effect on what is no TCP socket.
void set_timeouts(int descriptor, const tcp_timeouts& wanted) noexcept;

/// Those in force, with the kernel's defaults filled in; all zero for what is no TCP socket. A
/// `user_timeout` of zero is the kernel's default.
[[nodiscard]] tcp_timeouts timeouts_of(int descriptor) noexcept;

/// A `user_timeout` alone, where zero returns to the kernel's default.
void set_user_timeout(int descriptor, milliseconds wanted) noexcept;

} // namespace wakegate
