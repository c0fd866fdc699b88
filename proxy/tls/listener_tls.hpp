#pragma once

#include "proxy/tls/renewed.hpp"
#include "proxy/tls/server_context.hpp"
#include "proxy/tls/settings.hpp"

#include <memory>
#include <string>
#include <utility>

namespace wakegate::tls {

/// One listener's certificates, as they are now; see `renewed`.
class listener_tls {
public:
    /// Throws `configuration_error`.
    listener_tls(std::string listener, settings from)
        : files_("listener", std::move(listener), std::move(from)) {}

    [[nodiscard]] bool required() const noexcept { return files_.from().how == mode::required; }

    /// Any thread.
    [[nodiscard]] std::shared_ptr<const server_context> current() const { return files_.current(); }

    /// Whether files have changed and were loaded. Always the same thread.
    bool look() { return files_.look(); }

    [[nodiscard]] const std::string& name() const noexcept { return files_.name(); }

private:
    renewed<server_context, settings> files_;
};

} // namespace wakegate::tls
