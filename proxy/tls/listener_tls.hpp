#pragma once

#include "proxy/tls/server_context.hpp"
#include "proxy/tls/settings.hpp"

#include <memory>
#include <mutex>
#include <string>

namespace wakegate::tls {

/// One listener's certificates, as they are now. When their files change, handshakes from then on
/// show the new ones, and sessions that are open go on with theirs. New files that can't be used
/// change nothing, and the log says why.
class listener_tls {
public:
    /// Throws `configuration_error`.
    listener_tls(std::string listener, settings from);

    [[nodiscard]] bool required() const noexcept { return settings_.how == mode::required; }

    /// Any thread.
    [[nodiscard]] std::shared_ptr<const server_context> current() const;
    /// Looks whether the files have changed, and loads them. Always the same thread.
    void look();

private:
    std::string listener_;
    settings settings_;
    std::string fingerprint_; ///< of the files that were tried last; those of `current_`, or bad
    mutable std::mutex mutex_;
    std::shared_ptr<const server_context> current_;
};

} // namespace wakegate::tls
