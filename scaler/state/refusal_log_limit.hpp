#pragma once

#include "common/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace wakegate::scaler {

/// Limits how often refusals are logged, which come with every poll: each reason of a cluster at
/// once, then once a minute at most, with their number. No clock: `now` comes in. One thread.
class refusal_log_limit {
public:
    static constexpr milliseconds interval{60'000};
    /// Reasons within one interval; more are not logged until some have expired. Bounded since any
    /// client may invent names of clusters.
    static constexpr std::size_t max_entries = 1'000;

    /// The number of refusals since it was last logged, including this one; nullopt: do not log.
    /// Reasons that differ in their numbers only ("silent for 5s", "silent for 1m") are the same.
    [[nodiscard]] std::optional<std::uint64_t>
    count(std::string_view cluster, std::string_view reason, time_point now);

private:
    struct entry {
        time_point logged;
        std::uint64_t since = 0; ///< refused and not logged
    };

    std::map<std::pair<std::string, std::string>, entry> entries_; ///< by cluster and reason
};

} // namespace wakegate::scaler
