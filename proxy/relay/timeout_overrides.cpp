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

/// For a suspected peer.
constexpr tcp_timeouts tight{
    .keepalives_idle = seconds(1),
    .keepalives_interval = seconds(1),
    .keepalives_count = 3,
    .user_timeout = milliseconds(4'000),
};

/// One or two window probes may be under way, or lost.
constexpr unsigned unanswered_probes = 3;

enum class sending {
    nothing,
    under_way,     ///< some bytes wait to be sent or acknowledged
    window_closed, ///< some wait to be sent to a peer that takes nothing and answers window probes
};

sending sending_of(int descriptor) noexcept {
    int pending = 0;
    if (::ioctl(descriptor, SIOCOUTQ, &pending) != 0 || pending == 0) {
        return sending::nothing;
    }
    tcp_info info{};
    socklen_t size = sizeof info;
    const bool is_probing = ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
                            info.tcpi_state != TCP_CLOSE && info.tcpi_unacked == 0;
    return is_probing && info.tcpi_probes < unanswered_probes ? sending::window_closed
                                                              : sending::under_way;
}

milliseconds shorter_user_timeout(milliseconds configured) {
    // Zero is the kernel's, the longest of all.
    return configured == milliseconds(0) ? tight.user_timeout
                                         : std::min(configured, tight.user_timeout);
}

tcp_timeouts timeouts_for(const tcp_timeouts& configured, sending state, bool is_suspected) {
    auto wanted = configured;
    if (is_suspected) {
        wanted.keepalives_idle = std::min(configured.keepalives_idle, tight.keepalives_idle);
        wanted.keepalives_interval =
            std::min(configured.keepalives_interval, tight.keepalives_interval);
        wanted.keepalives_count = std::min(configured.keepalives_count, tight.keepalives_count);
        wanted.user_timeout = shorter_user_timeout(configured.user_timeout);
    }
    // With nothing to send Linux counts the time since the peer was last heard: one that has been
    // silent for longer than a user timeout would be closed for a single lost keepalive.
    if (state == sending::window_closed || (is_suspected && state == sending::nothing)) {
        wanted.user_timeout = milliseconds(0);
    }
    return wanted;
}

} // namespace

void timeout_overrides::check(int descriptor, time_point now) {
    const auto found = entries_.find(descriptor);
    if (found == entries_.end() && sending_of(descriptor) != sending::window_closed) {
        return;
    }
    if (!adjust(descriptor, entry_of(descriptor), now)) {
        entries_.erase(descriptor);
    }
}

void timeout_overrides::suspect(int descriptor, time_point now) {
    auto& suspected = entry_of(descriptor);
    suspects_ += suspected.suspected_until == time_point::min() ? 1 : 0;
    suspected.suspected_until = now + suspicion_time;
    [[maybe_unused]] const bool is_kept = adjust(descriptor, suspected, now);
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

timeout_overrides::entry& timeout_overrides::entry_of(int descriptor) {
    const auto [place, is_new] = entries_.try_emplace(descriptor);
    if (is_new) {
        place->second.configured = place->second.in_force = timeouts_of(descriptor);
    }
    return place->second;
}

bool timeout_overrides::adjust(int descriptor, entry& adjusted, time_point now) {
    if (adjusted.suspected_until != time_point::min() && now >= adjusted.suspected_until) {
        adjusted.suspected_until = time_point::min();
        --suspects_;
    }
    const bool is_suspected = adjusted.suspected_until != time_point::min();
    const auto wanted = timeouts_for(adjusted.configured, sending_of(descriptor), is_suspected);
    if (wanted != adjusted.in_force) {
        set_timeouts(descriptor, wanted);
        set_user_timeout(descriptor, wanted.user_timeout);
        adjusted.in_force = wanted;
    }
    return is_suspected || wanted != adjusted.configured;
}

} // namespace wakegate::proxy
