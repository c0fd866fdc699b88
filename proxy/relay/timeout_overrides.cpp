#include "proxy/relay/timeout_overrides.hpp"

#include <algorithm>
#include <iterator>
#include <linux/sockios.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace wakegate::proxy {
namespace {

constexpr tcp_timeouts suspect_timeouts{
    .keepalives_idle = seconds(1),
    .keepalives_interval = seconds(1),
    .keepalives_count = 3,
    .user_timeout = milliseconds(4'000),
};

/// One or two window probes may be under way, or lost.
constexpr unsigned unanswered_probes = 3;

enum class send_state {
    nothing,
    under_way,     ///< some bytes wait to be sent or acknowledged
    window_closed, ///< some wait to be sent to a peer that takes nothing and answers window probes
};

send_state send_state_of(int descriptor) noexcept {
    int undelivered_bytes = 0;
    if (::ioctl(descriptor, SIOCOUTQ, &undelivered_bytes) != 0 || undelivered_bytes == 0) {
        return send_state::nothing;
    }
    tcp_info info{};
    socklen_t size = sizeof info;
    const bool is_probing = ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
                            info.tcpi_state != TCP_CLOSE && info.tcpi_unacked == 0;
    return is_probing && info.tcpi_probes < unanswered_probes ? send_state::window_closed
                                                              : send_state::under_way;
}

milliseconds shorter_user_timeout(milliseconds configured) {
    // Zero is the kernel's default, which is the longest.
    return configured == milliseconds(0) ? suspect_timeouts.user_timeout
                                         : std::min(configured, suspect_timeouts.user_timeout);
}

tcp_timeouts timeouts_for(const tcp_timeouts& configured, send_state state, bool is_suspected) {
    auto target = configured;
    if (is_suspected) {
        target.keepalives_idle =
            std::min(configured.keepalives_idle, suspect_timeouts.keepalives_idle);
        target.keepalives_interval =
            std::min(configured.keepalives_interval, suspect_timeouts.keepalives_interval);
        target.keepalives_count =
            std::min(configured.keepalives_count, suspect_timeouts.keepalives_count);
        target.user_timeout = shorter_user_timeout(configured.user_timeout);
    }
    // With nothing to send Linux counts the time since the peer was last heard: one that has been
    // silent for longer than a user timeout would be closed for a single lost keepalive.
    if (state == send_state::window_closed || (is_suspected && state == send_state::nothing)) {
        target.user_timeout = milliseconds(0);
    }
    return target;
}

} // namespace

void timeout_overrides::check(int descriptor, time_point now) {
    const auto found = entries_.find(descriptor);
    if (found == entries_.end() && send_state_of(descriptor) != send_state::window_closed) {
        return;
    }
    if (!adjust(descriptor, entry_of(descriptor), now)) {
        entries_.erase(descriptor);
    }
}

void timeout_overrides::suspect(int descriptor, time_point now) {
    auto& entry = entry_of(descriptor);
    suspects_ += entry.suspected_until == time_point::min() ? 1 : 0;
    entry.suspected_until = now + suspicion_time;
    [[maybe_unused]] const bool is_kept = adjust(descriptor, entry, now);
}

void timeout_overrides::refresh(time_point now) {
    for (auto next = entries_.begin(); next != entries_.end();) {
        next = adjust(next->first, next->second, now) ? std::next(next) : entries_.erase(next);
    }
}

void timeout_overrides::forget(int descriptor) noexcept {
    const auto found = entries_.find(descriptor);
    if (found != entries_.end()) {
        suspects_ -= found->second.suspected_until == time_point::min() ? 0 : 1;
        entries_.erase(found);
    }
}

timeout_overrides::override_entry& timeout_overrides::entry_of(int descriptor) {
    const auto [position, is_new] = entries_.try_emplace(descriptor);
    if (is_new) {
        position->second.configured = position->second.in_force = timeouts_of(descriptor);
    }
    return position->second;
}

bool timeout_overrides::adjust(int descriptor, override_entry& entry, time_point now) {
    if (entry.suspected_until != time_point::min() && now >= entry.suspected_until) {
        entry.suspected_until = time_point::min();
        --suspects_;
    }
    const bool is_suspected = entry.suspected_until != time_point::min();
    const auto target = timeouts_for(entry.configured, send_state_of(descriptor), is_suspected);
    if (target != entry.in_force) {
        set_timeouts(descriptor, target);
        set_user_timeout(descriptor, target.user_timeout);
        entry.in_force = target;
    }
    return is_suspected || target != entry.configured;
}

} // namespace wakegate::proxy
