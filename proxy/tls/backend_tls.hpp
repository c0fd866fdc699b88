#pragma once

#include "proxy/tls/backend_settings.hpp"
#include "proxy/tls/client_context.hpp"
#include "proxy/tls/reloading.hpp"

#include <memory>
#include <string>
#include <utility>

namespace wakegate::tls {

/// TLS to one cluster's server, reloaded when its files change; see `reloading`.
class backend_tls {
public:
    /// `settings.secures()`. Throws `configuration_error`.
    backend_tls(std::string cluster, backend_settings settings)
        : files_("cluster", std::move(cluster), std::move(settings)) {}

    /// Else a server that declines is spoken to in the clear.
    [[nodiscard]] bool required() const noexcept { return files_.settings().requires_tls(); }

    /// Any thread.
    [[nodiscard]] std::shared_ptr<const client_context> current() const { return files_.current(); }

    /// Whether files have changed and were loaded. Always the same thread.
    bool reload_if_changed() { return files_.reload_if_changed(); }

    [[nodiscard]] const std::string& name() const noexcept { return files_.name(); }

private:
    reloading<client_context, backend_settings> files_;
};

} // namespace wakegate::tls
