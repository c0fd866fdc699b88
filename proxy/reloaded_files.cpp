#include "proxy/reloaded_files.hpp"

#include <algorithm>
#include <cstddef>

namespace wakegate::proxy {

void reloaded_files::look_at_certificates() {
    for (const auto& listener : listeners_) {
        if (listener->tls != nullptr) {
            listener->tls->look();
        }
    }
    for (const auto& backend : backends_) {
        backend->look();
    }
}

void reloaded_files::look_at_all(log::event& reloaded) {
    look_at_certificates();
    const auto listeners = std::ranges::count_if(listeners_, [](const auto& listener) {
        return listener->tls != nullptr;
    });
    std::size_t with_role_files = 0;
    for (const auto& [name, cluster] : clusters_) {
        if (cluster->verifiers && cluster->verifiers->has_files()) {
            cluster->verifiers->look_at_files();
            ++with_role_files;
        }
    }
    reloaded.with("listeners_with_certificates", listeners)
        .with("clusters_with_certificates", backends_.size())
        .with("clusters_with_role_files", with_role_files);
}

} // namespace wakegate::proxy
