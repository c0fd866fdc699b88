#pragma once

#include "common/configuration_error.hpp"
#include "common/log.hpp"
#include "proxy/tls/key_pair_files.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace wakegate::tls {

/// A TLS context that is reloaded when its files change. Handshakes from then on use the new one;
/// open sessions keep theirs. Files that can't be used change nothing: the log says why, and every
/// check tries them again, as the cause may lie outside the files.
template <typename Context, typename Settings> class reloading {
public:
    /// `kind` and `name`, "listener" "main", are for the log. Throws `configuration_error`.
    reloading(std::string_view kind, std::string name, Settings settings)
        : kind_(kind),
          name_(std::move(name)),
          settings_(std::move(settings)),
          // Before they are read: a change meanwhile is noticed at the next check.
          files_state_(files_state(settings_)),
          current_(std::make_shared<const Context>(settings_)) {}

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    [[nodiscard]] const Settings& settings() const noexcept { return settings_; }

    /// Any thread.
    [[nodiscard]] std::shared_ptr<const Context> current() const {
        const std::lock_guard lock(mutex_);
        return current_;
    }

    /// True when the files had changed and were loaded. Always the same thread.
    bool reload_if_changed() {
        auto state = files_state(settings_);
        if (state == files_state_) {
            return false;
        }
        try {
            auto loaded = std::make_shared<const Context>(settings_);
            files_state_ = std::move(state);
            last_error_.clear();
            log::info("tls_certificates_loaded")
                .with(kind_, name_)
                .with("certificates", loaded->certificates())
                .with("not_after", loaded->not_after());
            const std::lock_guard lock(mutex_);
            current_ = std::move(loaded);
            return true;
        } catch (const configuration_error& problem) {
            if (last_error_ != problem.what()) {
                last_error_ = problem.what();
                log::warning("tls_certificates_kept")
                    .with(kind_, name_)
                    .with("reason", last_error_);
            }
            return false;
        }
    }

private:
    std::string_view kind_; ///< a literal
    std::string name_;
    Settings settings_;
    std::string files_state_; ///< of the files of `current_`
    std::string last_error_;  ///< why newer ones can't be used, as last logged
    mutable std::mutex mutex_;
    std::shared_ptr<const Context> current_;
};

} // namespace wakegate::tls
