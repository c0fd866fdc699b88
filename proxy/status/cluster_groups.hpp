#pragma once

#include "common/clock.hpp"
#include "proxy/session/session_tally.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace wakegate::proxy {

/// As in the configuration: "always", "defer", "never".
[[nodiscard]] std::string_view to_string(wake_class wake) noexcept;

/// Clients of one cluster with the same attributes and activity. Texts are UTF-8 and may hold
/// control characters.
struct group_row {
    session_activity activity = session_activity::held;
    std::string role; ///< empty: unknown, since TLS passes through
    std::string application_name;
    std::string source; ///< an address without port; empty: unknown
    wake_class wake = wake_class::always;
    std::size_t count = 0;
    duration age{}; ///< of the longest current activity among them

    friend bool operator==(const group_row&, const group_row&) = default;
};

/// Sessions that are in no row, by activity.
struct other_sessions {
    session_activity activity = session_activity::held;
    std::size_t count = 0;
    duration age{}; ///< as in `group_row`

    friend bool operator==(const other_sessions&, const other_sessions&) = default;
};

struct cluster_groups {
    std::vector<group_row> rows; ///< held, busy, idle; the largest first
    std::vector<other_sessions> others;
};

/// Sums up the tallies of several threads. Pure.
class group_sums {
public:
    /// Per cluster and activity; smaller groups beyond it are counted in `others`.
    static constexpr std::size_t max_rows = 40;

    void add(const session_tally& tally);

    [[nodiscard]] cluster_groups for_cluster(const cluster& target, time_point now) const;

private:
    using group_key = std::tuple<std::string, std::string, ip_address, wake_class>;

    struct sums {
        std::map<group_key, counts_by_activity> groups;
        counts_by_activity others;
    };

    std::map<const cluster*, sums> clusters_;
};

} // namespace wakegate::proxy
