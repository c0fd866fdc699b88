#include "proxy/reloaded_files.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace wakegate::proxy {

void reloaded_files::reload_certificates_if_changed() {
    bool changed = false;
    for (const auto& listener : listeners_) {
        if (listener->tls != nullptr && listener->tls->reload_if_changed()) {
            changed = true;
        }
    }
    for (const auto& backend : backends_) {
        if (backend->reload_if_changed()) {
            changed = true;
        }
    }
    const auto now = clock::now();
    if (changed || now >= expiry_due_) {
        expiry_due_ = now + expiry_interval;
        warn_of_expiry();
    }
}

std::vector<tls::owned_expiry> reloaded_files::certificate_terms() const {
    std::vector<tls::owned_expiry> all;
    const auto add = [&all](std::string_view kind, const auto& owner) {
        const auto context = owner.current();
        for (const auto& term : context->expiries()) {
            all.push_back({kind, owner.name(), term});
        }
    };
    for (const auto& listener : listeners_) {
        if (listener->tls != nullptr) {
            add("listener", *listener->tls);
        }
    }
    for (const auto& backend : backends_) {
        add("cluster", *backend);
    }
    return all;
}

void reloaded_files::warn_of_expiry() const {
    const auto now = std::chrono::floor<seconds>(std::chrono::system_clock::now());
    for (const auto& each : certificate_terms()) {
        tls::log_if_expiring(each, now);
    }
}

void reloaded_files::reload_all(log::event& reloaded) {
    expiry_due_ = {};
    reload_certificates_if_changed();
    const auto listeners = std::ranges::count_if(listeners_, [](const auto& listener) {
        return listener->tls != nullptr;
    });
    std::size_t with_role_files = 0;
    for (const auto& [name, cluster] : clusters_) {
        if (cluster->verifiers && cluster->verifiers->has_files()) {
            cluster->verifiers->reload_files_if_changed();
            ++with_role_files;
        }
    }
    reloaded.with("listeners_with_certificates", listeners)
        .with("clusters_with_certificates", backends_.size())
        .with("clusters_with_role_files", with_role_files);
}

} // namespace wakegate::proxy
