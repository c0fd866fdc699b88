#pragma once

#include "common/clock.hpp"
#include "common/tcp_timeouts.hpp"

#include <cstddef>
#include <unordered_map>

namespace wakegate::proxy {

/// Overrides the TCP timeouts of connections for a while, and restores the configured ones. Two
/// reasons:
///
/// - The peer's window is closed. TCP_USER_TIMEOUT counts that time as well (tcp(7)), though the
///   peer answers each window probe: a client that processes rows slowly, or a server that waits
///   for a lock in the middle of COPY, would be taken for gone. It is off until the window opens or
///   probes stay unanswered.
/// - The peer is suspected to be gone, since probes of its server fail. The kernel then probes
///   it once a second and closes the connection after three seconds without an answer, or four
///   without an acknowledgement of what was sent: the evidence is the connection's own, so a
///   session whose path works goes on, whatever became of the probes.
///
/// Descriptors are the caller's; `forget` them before they are closed. One thread.
class timeout_overrides {
public:
    /// As long as suspicion lasts, once raised. A retransmission that was scheduled before, with up
    /// to 26 s of back-off, takes place within it and finds the shorter timeout.
    static constexpr auto suspicion_time = seconds(30);

    /// Overrides when the peer's window is closed. One system call when nothing waits to be sent.
    void check(int descriptor, time_point now);
    /// Its peer may be gone.
    void suspect(int descriptor, time_point now);
    /// Checks every connection with an override again; ends suspicions that are over.
    void refresh(time_point now);
    void forget(int descriptor) noexcept;

    [[nodiscard]] bool has_suspects() const noexcept { return suspects_ > 0; }

private:
    struct override_entry {
        tcp_timeouts configured;
        tcp_timeouts in_force;
        time_point suspected_until = time_point::min(); ///< min: not suspected
    };

    using entries = std::unordered_map<int, override_entry>;

    [[nodiscard]] override_entry& entry_of(int descriptor);
    /// False when nothing differs any more.
    [[nodiscard]] bool adjust(int descriptor, override_entry& entry, time_point now);

    entries entries_; ///< by descriptor
    std::size_t suspects_ = 0;
};

} // namespace wakegate::proxy
