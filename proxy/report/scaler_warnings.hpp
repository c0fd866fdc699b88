#pragma once

#include "proxy/report/unreachable_scalers.hpp"

#include <string>

namespace wakegate::proxy {

/// `scaler_unreachable`. `name`: the entry of `scalers` that has this address; may be empty.
void warn_unreachable(const unreachable_scaler& missed, const std::string& name);

/// `cluster_unasked`: clients wait for the cluster, and no ScaledObject asks about it.
void warn_no_scaled_object(const std::string& cluster);

} // namespace wakegate::proxy
