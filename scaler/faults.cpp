#include "scaler/faults.hpp"

#include "common/edit_distance.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>

namespace wakegate::scaler {
namespace {

/// With more faults, triggers about unreported clusters are left out.
constexpr std::size_t max_listed = 20;

} // namespace

std::string describe(const proxy_shortage& shortage) {
    return fmt::format(
        "databases never sleep until {} {}, {} {}",
        shortage.expected,
        shortage.expected == 1 ? "proxy reports" : "proxies report",
        shortage.leased,
        shortage.leased == 1 ? "does" : "do"
    );
}

std::string describe(const unheard_demand& unheard) {
    auto text = fmt::format(
        "cluster {} is wanted ({} held), and no ScaledObject asks about it",
        unheard.cluster,
        unheard.held
    );
    if (!unheard.unreported_clusters.empty()) {
        text += fmt::format(
            "; they ask about {}, which no proxy names", join_names(unheard.unreported_clusters)
        );
    }
    return text;
}

std::string describe(const unreported_cluster& unreported, const std::vector<std::string>& named) {
    return fmt::format(
        "ScaledObject {} asks about cluster {}, which no proxy names; {}",
        unreported.scaled_object,
        unreported.cluster,
        named.empty() ? "they name none"
                      : "they name " + join_names(nearest_first(named, unreported.cluster))
    );
}

std::string join_names(const std::vector<std::string>& names) {
    constexpr std::size_t max_shown = 10;
    const auto shown = std::min(names.size(), max_shown);
    auto text =
        fmt::to_string(fmt::join(names.begin(), names.begin() + std::ptrdiff_t(shown), ", "));
    if (shown < names.size()) {
        text += fmt::format(" and {} more", names.size() - shown);
    }
    return text;
}

std::vector<std::string> list_faults(const board_status& status) {
    std::vector<std::string> faults;
    if (status.shortage) {
        faults.push_back(describe(*status.shortage));
    }
    for (const auto& unheard : status.unheard) {
        faults.push_back(describe(unheard));
    }
    std::vector<std::string> named;
    for (const auto& each : status.clusters) {
        if (each.view.reported) {
            named.push_back(each.cluster);
        }
    }
    for (const auto& unreported : status.unreported) {
        if (faults.size() >= max_listed) {
            break;
        }
        faults.push_back(describe(unreported, named));
    }
    return faults;
}

} // namespace wakegate::scaler
