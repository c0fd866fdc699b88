#pragma once

#include "common/clock.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::scaler {

/// When to warn of what is wrong and lasts: each thing once it has lasted for `patience`, and then
/// once a minute until it is over. Things are known by a name. No clock: `now` comes in. One
/// thread.
class reminders {
public:
    static constexpr milliseconds pause{60'000};

    explicit reminders(milliseconds patience) : patience_(patience) {}

    /// `wrong`: everything that is wrong now. Gives what is to be warned of now.
    [[nodiscard]] std::vector<std::string>
    due(const std::set<std::string, std::less<>>& wrong, time_point now);

    /// Whether it has been warned of and lasts.
    [[nodiscard]] bool is_told(std::string_view name) const;

private:
    struct episode {
        time_point began;
        std::optional<time_point> told;
    };

    milliseconds patience_;
    std::map<std::string, episode, std::less<>> episodes_;
};

} // namespace wakegate::scaler
