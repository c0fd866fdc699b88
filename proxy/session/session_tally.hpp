#pragma once

#include "common/clock.hpp"
#include "proxy/session/client_group.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace wakegate::proxy {

/// What a session does.
enum class session_activity : std::uint8_t {
    held, ///< waits for a server or logs in there
    busy, ///< a query, transaction, COPY or replication runs, or something that counts as one
    idle,
};

[[nodiscard]] std::string_view to_string(session_activity activity) noexcept;

inline constexpr std::array all_activities{
    session_activity::held, session_activity::busy, session_activity::idle
};

/// How many sessions, and since when the oldest of them.
struct session_count {
    std::size_t count = 0;
    time_point since = time_point::max();

    void add(const session_count& more) noexcept {
        count += more.count;
        since = std::min(since, more.since);
    }

    friend bool operator==(const session_count&, const session_count&) = default;
};

class counts_by_activity {
public:
    [[nodiscard]] session_count& operator[](session_activity activity) noexcept {
        return counts_[static_cast<std::size_t>(activity)];
    }

    [[nodiscard]] const session_count& operator[](session_activity activity) const noexcept {
        return counts_[static_cast<std::size_t>(activity)];
    }

    void add(const counts_by_activity& more) noexcept {
        for (const auto activity : all_activities) {
            (*this)[activity].add(more[activity]);
        }
    }

    friend bool operator==(const counts_by_activity&, const counts_by_activity&) = default;

private:
    std::array<session_count, all_activities.size()> counts_;
};

/// One thread's sessions at one time, by group. That thread fills it and hands it over to the
/// thread that reads it.
class session_tally {
public:
    /// Further groups are summed up by cluster, so that a client that makes up thousands of names
    /// costs the reader little.
    static constexpr std::size_t most_groups = 2'000;

    void add(const client_group_ptr& group, session_activity activity, time_point since);

    struct group_count {
        client_group_ptr group;
        counts_by_activity counts;
    };

    [[nodiscard]] const std::unordered_map<const client_group*, group_count>&
    groups() const noexcept {
        return groups_;
    }

    /// Of sessions in none of them.
    [[nodiscard]] const std::unordered_map<const cluster*, counts_by_activity>&
    others() const noexcept {
        return others_;
    }

private:
    std::unordered_map<const client_group*, group_count> groups_;
    std::unordered_map<const cluster*, counts_by_activity> others_;
};

} // namespace wakegate::proxy
