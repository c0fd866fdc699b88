#pragma once

#include "common/clock.hpp"
#include "common/log.hpp"
#include "proxy/cluster/resolve_route.hpp"
#include "proxy/session/listener.hpp"
#include "proxy/tls/backend_tls.hpp"
#include "proxy/tls/certificate_expiry.hpp"

#include <memory>
#include <vector>

namespace wakegate::proxy {

/// Reloads files while the proxy runs: certificates of listeners and clusters, and files of roles.
/// Control thread.
class reloaded_files {
public:
    reloaded_files(
        const std::vector<std::unique_ptr<listener>>& listeners,
        const std::vector<std::shared_ptr<tls::backend_tls>>& backends,
        const cluster_map& clusters
    )
        : listeners_(listeners),
          backends_(backends),
          clusters_(clusters),
          expiry_due_(clock::now() + expiry_interval) {}

    /// Reloads certificates that have changed; files of roles have a schedule of their own. After a
    /// change and once a day it warns of certificates that expire soon; at the start the
    /// configuration's warnings do.
    void reload_certificates_if_changed();
    /// Reloads all of them, and adds their numbers to the event.
    void reload_all(log::event& reloaded);

    [[nodiscard]] std::vector<tls::owned_expiry> certificate_terms() const;

private:
    static constexpr auto expiry_interval = std::chrono::hours(24);

    void warn_of_expiry() const;

    const std::vector<std::unique_ptr<listener>>& listeners_;
    const std::vector<std::shared_ptr<tls::backend_tls>>& backends_;
    const cluster_map& clusters_;
    time_point expiry_due_; ///< when to warn again
};

} // namespace wakegate::proxy
