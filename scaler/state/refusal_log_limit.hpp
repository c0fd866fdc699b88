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

/// Which of the refusals that come with every poll are logged: each reason of a cluster at once,
/// then once a minute at most, with how many there were. No clock: `now` comes in. One thread.
class refusal_log_limit {
public:
    static constexpr milliseconds pause{60'000};
    /// Reasons within one pause; of more nothing is logged until some are over. Cluster names come
    /// from whoever reaches the port.
    static constexpr std::size_t most = 1'000;

    /// How many there were since it was last logged, this one included; nullopt: not now. Reasons
    /// that differ in their numbers ("silent for 5s", "silent for 1m") are the same.
    [[nodiscard]] std::optional<std::uint64_t>
    note(std::string_view cluster, std::string_view reason, time_point now);

private:
    struct entry {
        time_point logged;
        std::uint64_t since = 0; ///< refused and not logged
    };

    std::map<std::pair<std::string, std::string>, entry> entries_; ///< by cluster and reason
};

} // namespace wakegate::scaler
