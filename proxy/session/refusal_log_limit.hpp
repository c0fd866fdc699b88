#pragma once

#include "common/cidr.hpp"
#include "common/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace wakegate::proxy {

/// Refused logins without a line in the log.
struct unlogged_login_failures {
    std::uint64_t count = 0;
    std::size_t sources = 0; ///< networks they came from, if counted
    std::string busiest;     ///< like "10.0.0.0/24"; empty: unknown
    std::uint64_t busiest_count = 0;

    friend bool
    operator==(const unlogged_login_failures&, const unlogged_login_failures&) = default;
};

/// Bounds the log lines about refused logins, so that password guessing fills no disk: so many a
/// minute for each source network, and for all. The rest is counted and reported once a minute. No
/// clock: `now` comes in and never goes back. Any thread.
class refusal_log_limit {
public:
    static constexpr auto period = seconds(60);
    static constexpr unsigned lines_per_source = 10;
    static constexpr unsigned most_lines = 300;
    static constexpr std::size_t most_sources = 4'096; ///< more get no lines

    /// Whether it gets a line of its own.
    [[nodiscard]] bool takes_line(const ip_address& from, time_point now);
    /// Refusals without a line, of ended periods, not reported yet.
    [[nodiscard]] std::optional<unlogged_login_failures> take_report(time_point now);

private:
    struct source {
        ip_address address; ///< any of the network
        unsigned lines = 0;
        std::uint64_t unlogged = 0;
    };

    void begin_period_if_due(time_point now);

    std::mutex mutex_;
    std::optional<time_point> period_began_;
    std::map<source_network, source> sources_;
    unsigned lines_ = 0;
    std::uint64_t unlogged_ = 0;
    std::optional<unlogged_login_failures> report_;
};

/// Logs a report that is due.
void report_unlogged_refusals(refusal_log_limit& limit);

} // namespace wakegate::proxy
