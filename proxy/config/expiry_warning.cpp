#include "proxy/config/expiry_warning.hpp"

#include <chrono>

namespace wakegate::proxy {

void warn_of_expiry(const yaml_map& from, const std::vector<tls::certificate_term>& terms) {
    const auto now = std::chrono::floor<seconds>(std::chrono::system_clock::now());
    for (const auto& term : terms) {
        if (const auto objection = tls::expiry_objection(term, now); !objection.empty()) {
            from.warn(term.key, objection + "; replace it");
        }
    }
}

} // namespace wakegate::proxy
