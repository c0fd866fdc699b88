#pragma once

#include "common/clock.hpp"

#include <map>
#include <string>

namespace wakegate::proxy {

/// When to warn of troubles that last: once they have lasted for `patience`, since most are over by
/// then, and once a minute from there on. Each has a name. Time comes in; lives on one thread.
class trouble_schedule {
public:
    explicit trouble_schedule(duration patience) : patience_(patience) {}

    /// This trouble lasts, or begins. True: warn of it now.
    [[nodiscard]] bool is_due(const std::string& name, time_point now) {
        auto& next = next_.try_emplace(name, now + patience_).first->second;
        if (now < next) {
            return false;
        }
        next = now + interval;
        return true;
    }

    void end(const std::string& name) { next_.erase(name); }

private:
    static constexpr auto interval = seconds(60);

    duration patience_;
    std::map<std::string, time_point> next_; ///< when to warn of each that lasts
};

} // namespace wakegate::proxy
