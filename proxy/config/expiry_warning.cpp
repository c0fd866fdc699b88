#include "proxy/config/expiry_warning.hpp"

#include <chrono>

namespace wakegate::proxy {

void warn_of_expiry(const yaml_map& node, const std::vector<tls::certificate_expiry>& expiries) {
    const auto now = std::chrono::floor<seconds>(std::chrono::system_clock::now());
    for (const auto& term : expiries) {
        if (const auto objection = tls::describe_expiry(term, now); !objection.empty()) {
            node.warn(term.key, objection + "; replace it");
        }
    }
}

} // namespace wakegate::proxy
