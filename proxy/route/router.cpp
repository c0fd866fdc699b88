#include "proxy/route/router.hpp"

#include "proxy/route/glob.hpp"

namespace wakegate::proxy {

const std::string* router::find(std::string_view listener, std::string_view database) const {
    for (const auto& candidate : routes_) {
        const bool listener_fits = candidate.listener.empty() || candidate.listener == listener;
        const bool database_fits =
            candidate.database.empty() || matches(candidate.database, database);
        if (listener_fits && database_fits) {
            return &candidate.cluster;
        }
    }
    return nullptr;
}

} // namespace wakegate::proxy
