#pragma once

#include "common/clock.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::scaler {

/// When to warn of faults that last: each once it has lasted for `patience`, and then
/// once a minute until it is over. Things are known by a name. No clock: `now` comes in. One
/// thread.
class reminders {
public:
    static constexpr milliseconds pause{60'000};

    explicit reminders(milliseconds patience) : patience_(patience) {}

    /// `faults`: all that there are now. Returns those to warn of now.
    [[nodiscard]] std::vector<std::string>
    due(const std::set<std::string, std::less<>>& faults, time_point now);

    /// Whether it has been warned of and lasts.
    [[nodiscard]] bool was_warned(std::string_view name) const;

private:
    struct episode {
        time_point began_at;
        std::optional<time_point> warned_at;
    };

    milliseconds patience_;
    std::map<std::string, episode, std::less<>> episodes_;
};

} // namespace wakegate::scaler
