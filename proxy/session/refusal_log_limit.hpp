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

/// Refused logins that the log has no line of.
struct unlogged_login_failures {
    std::uint64_t count = 0;
    std::size_t sources = 0; ///< networks that they came from, as far as counted
    std::string busiest;     ///< of these, "10.0.0.0/24"; empty: none is known
    std::uint64_t busiest_count = 0;

    friend bool
    operator==(const unlogged_login_failures&, const unlogged_login_failures&) = default;
};

/// Bounds the lines that refused logins make in the log, so that whoever guesses passwords fills no
/// disk: so many a minute for each source network, and for all. What is beyond is counted and told
/// once a minute. No clock: `now` comes in and never goes back. Any thread.
class refusal_log_limit {
public:
    static constexpr auto period = seconds(60);
    static constexpr unsigned lines_per_source = 10;
    static constexpr unsigned most_lines = 300;
    static constexpr std::size_t most_sources = 4'096; ///< others make no lines

    /// Whether this one gets a line of its own.
    [[nodiscard]] bool takes_line(const ip_address& from, time_point now);
    /// What had no line in periods that are over, and was not told yet.
    [[nodiscard]] std::optional<unlogged_login_failures> take_report(time_point now);

private:
    struct source {
        ip_address address; ///< one of the network's
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

/// Logs what is due to be told.
void report_unlogged_refusals(refusal_log_limit& limit);

} // namespace wakegate::proxy
