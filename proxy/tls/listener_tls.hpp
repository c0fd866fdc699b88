#pragma once

#include "proxy/tls/listener_settings.hpp"
#include "proxy/tls/reloading.hpp"
#include "proxy/tls/server_context.hpp"

#include <memory>
#include <string>
#include <utility>

namespace wakegate::tls {

/// One listener's certificates, reloaded when their files change; see `reloading`.
class listener_tls {
public:
    /// Throws `configuration_error`.
    listener_tls(std::string listener, listener_settings settings)
        : files_("listener", std::move(listener), std::move(settings)) {}

    [[nodiscard]] bool required() const noexcept {
        return files_.settings().mode == listener_mode::required;
    }

    /// Any thread.
    [[nodiscard]] std::shared_ptr<const server_context> current() const { return files_.current(); }

    /// Whether files have changed and were loaded. Always the same thread.
    bool reload_if_changed() { return files_.reload_if_changed(); }

    [[nodiscard]] const std::string& name() const noexcept { return files_.name(); }

private:
    reloading<server_context, listener_settings> files_;
};

} // namespace wakegate::tls
