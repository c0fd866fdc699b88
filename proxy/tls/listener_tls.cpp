#include "proxy/tls/listener_tls.hpp"

#include "common/configuration_error.hpp"
#include "common/log.hpp"
#include "proxy/tls/key_pair_files.hpp"

#include <utility>

namespace wakegate::tls {

listener_tls::listener_tls(std::string listener, settings from)
    : listener_(std::move(listener)),
      settings_(std::move(from)),
      // Before they are read: what changes meanwhile is seen at the next look.
      fingerprint_(fingerprint(settings_)),
      current_(std::make_shared<const server_context>(settings_)) {}

std::shared_ptr<const server_context> listener_tls::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

void listener_tls::look() {
    auto print = fingerprint(settings_);
    if (print == fingerprint_) {
        return;
    }
    fingerprint_ = std::move(print);
    try {
        auto loaded = std::make_shared<const server_context>(settings_);
        log::info("tls_certificates_loaded")
            .with("listener", listener_)
            .with("certificates", loaded->certificates())
            .with("not_after", loaded->not_after());
        const std::lock_guard lock(mutex_);
        current_ = std::move(loaded);
    } catch (const configuration_error& problem) {
        log::warning("tls_certificates_kept")
            .with("listener", listener_)
            .with("reason", problem.what());
    }
}

} // namespace wakegate::tls
