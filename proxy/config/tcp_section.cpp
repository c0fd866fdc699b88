#include "proxy/config/tcp_section.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

namespace wakegate::proxy {
namespace {

// Linux's bounds (include/net/tcp.h); beyond them setsockopt fails.
constexpr seconds max_keepalive{32'767};
constexpr int max_keepalives = 127;

/// Longer is no timeout; its milliseconds fit an int, as TCP_USER_TIMEOUT must.
constexpr std::chrono::hours max_user_timeout{24};

/// The kernel counts keepalives in whole seconds; the relay checks connections at most once a
/// second.
constexpr milliseconds shortest{1'000};

milliseconds
read_period(const yaml_map& node, std::string_view key, milliseconds fallback, seconds longest) {
    const auto period = node.period(key, fallback);
    const bool fits = period == milliseconds(0) || (period >= shortest && period <= longest);
    if (!fits) {
        node.fail(
            key,
            fmt::format(
                "must be between 1s and {}s, or 0s for the kernel's default", longest.count()
            )
        );
    }
    return period;
}

seconds read_keepalive(const yaml_map& node, std::string_view key, seconds fallback) {
    const auto period = read_period(node, key, fallback, max_keepalive);
    if (period % seconds(1) != milliseconds(0)) {
        node.fail(key, "must be in whole seconds, as the kernel counts them");
    }
    return std::chrono::duration_cast<seconds>(period);
}

} // namespace

tcp_timeouts read_tcp_timeouts(const yaml_map& node) {
    tcp_timeouts timeouts;
    timeouts.keepalives_idle = read_keepalive(node, "keepalives_idle", timeouts.keepalives_idle);
    timeouts.keepalives_interval =
        read_keepalive(node, "keepalives_interval", timeouts.keepalives_interval);
    const auto count = static_cast<std::uint64_t>(timeouts.keepalives_count);
    timeouts.keepalives_count =
        static_cast<int>(node.number("keepalives_count", count, 0, max_keepalives));
    timeouts.user_timeout =
        read_period(node, "user_timeout", timeouts.user_timeout, max_user_timeout);
    node.reject_unknown_keys();
    return timeouts;
}

} // namespace wakegate::proxy
