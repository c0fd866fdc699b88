#include "proxy/report/scaler_warnings.hpp"

#include "common/log.hpp"

#include <fmt/format.h>

namespace wakegate::proxy {

void warn_unreachable(const unreachable_scaler& missed, const std::string& name) {
    auto warning = log::warning("scaler_unreachable");
    warning.with("address", missed.address);
    if (!name.empty() && name != missed.address) {
        warning.with("name", name);
    }
    warning.with("reason", missed.failure.reason).with("remedy", remedy_for(missed.failure.kind));
}

void warn_no_scaled_object(const std::string& cluster) {
    const auto remedy = fmt::format(
        "no ScaledObject asks the scaler about it: say \"cluster: {}\" in the metadata of its "
        "trigger",
        cluster
    );
    log::warning("cluster_unasked").with("cluster", cluster).with("remedy", remedy);
}

} // namespace wakegate::proxy
