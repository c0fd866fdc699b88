#pragma once

#include "scaler/state/demand_board.hpp"

#include <string>
#include <vector>

namespace wakegate::scaler {

/// Faults between proxies, this scaler and KEDA, as a sentence for logs and pages.
[[nodiscard]] std::string describe(const proxy_shortage& shortage);
[[nodiscard]] std::string describe(const unheard_demand& unheard);
/// `named`: the clusters that proxies report.
[[nodiscard]] std::string
describe(const unreported_cluster& unreported, const std::vector<std::string>& named);

/// "a, b, c and 7 more".
[[nodiscard]] std::string join_names(const std::vector<std::string>& names);

/// All present faults, the most general first; bounded for triggers about unreported clusters.
[[nodiscard]] std::vector<std::string> list_faults(const board_status& status);

} // namespace wakegate::scaler
