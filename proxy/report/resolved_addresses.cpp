#include "proxy/report/resolved_addresses.hpp"

#include <utility>

namespace wakegate::proxy {

void resolved_addresses::update(const std::string& name, std::set<std::string> addresses) {
    if (!addresses.empty()) {
        by_name_[name] = std::move(addresses);
    }
}

std::string resolved_addresses::name_for(const std::string& address) const {
    for (const auto& [name, addresses] : by_name_) {
        if (addresses.contains(address)) {
            return name;
        }
    }
    return {};
}

std::set<std::string> resolved_addresses::all() const {
    std::set<std::string> together;
    for (const auto& [name, addresses] : by_name_) {
        together.insert(addresses.begin(), addresses.end());
    }
    return together;
}

} // namespace wakegate::proxy
