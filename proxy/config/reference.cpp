#include "proxy/config/reference.hpp"

#include <vector>

namespace wakegate::proxy {

std::span<const configuration_key> configuration_keys() {
    static const auto all = [] {
        std::vector<configuration_key> keys;
        for (const auto part :
             {listener_keys(), process_keys(), cluster_keys(), server_keys(), route_keys()}) {
            keys.insert(keys.end(), part.begin(), part.end());
        }
        return keys;
    }();
    return all;
}

} // namespace wakegate::proxy
