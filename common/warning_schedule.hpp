#pragma once

#include "common/clock.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate {

/// When to warn of faults that last: of each once it has lasted for `delay`, since most are over by
/// then, and once a minute until it ends. Each has a name. No clock: `now` comes in. One thread.
class warning_schedule {
public:
    static constexpr milliseconds interval{60'000};

    explicit warning_schedule(duration delay) : delay_(delay) {}

    /// The fault begins or lasts. True: warn of it now.
    [[nodiscard]] bool is_due(const std::string& name, time_point now);

    void end(const std::string& name) { faults_.erase(name); }

    /// The same for all `faults` that there are now; others have ended. Returns those to warn of.
    [[nodiscard]] std::vector<std::string>
    due(const std::set<std::string, std::less<>>& faults, time_point now);

    /// Whether the fault has been warned of and lasts.
    [[nodiscard]] bool was_warned(std::string_view name) const;

private:
    struct fault {
        time_point next_warning;
        bool warned = false;
    };

    duration delay_;
    std::map<std::string, fault, std::less<>> faults_;
};

} // namespace wakegate
