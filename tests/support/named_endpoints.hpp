#pragma once

#include "proxy/backend/endpoint.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace wakegate::support {

/// An endpoint for each requested cluster.
class named_endpoints {
public:
    const proxy::backend_endpoint* find(std::string_view cluster) {
        const std::string key(cluster);
        return &endpoints_.try_emplace(key, proxy::backend_endpoint{.cluster = key}).first->second;
    }

private:
    std::map<std::string, proxy::backend_endpoint, std::less<>> endpoints_;
};

} // namespace wakegate::support
