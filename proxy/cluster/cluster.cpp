#include "proxy/cluster/cluster.hpp"

#include <algorithm>

namespace wakegate::proxy {

const backend_endpoint* cluster::endpoint_for(const host_port& backend) const {
    const auto found =
        std::find_if(endpoints.begin(), endpoints.end(), [&backend](const auto& endpoint) {
            return endpoint.backend == backend;
        });
    return found == endpoints.end() ? nullptr : &*found;
}

} // namespace wakegate::proxy
