#include "proxy/report/known_addresses.hpp"

#include <utility>

namespace wakegate::proxy {

void known_addresses::learn(const std::string& name, std::set<std::string> addresses) {
    if (!addresses.empty()) {
        by_name_[name] = std::move(addresses);
    }
}

std::string known_addresses::name_of(const std::string& address) const {
    for (const auto& [name, addresses] : by_name_) {
        if (addresses.contains(address)) {
            return name;
        }
    }
    return {};
}

std::set<std::string> known_addresses::all() const {
    std::set<std::string> together;
    for (const auto& [name, addresses] : by_name_) {
        together.insert(addresses.begin(), addresses.end());
    }
    return together;
}

} // namespace wakegate::proxy
