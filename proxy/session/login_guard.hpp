#pragma once

#include "common/cidr.hpp"
#include "common/clock.hpp"
#include "proxy/auth/login_throttle.hpp"
#include "proxy/cancel/cancel_secrets.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// What all logins of this process share: who has guessed too often, and the secret that makes
/// roles nobody has look like any other. Any thread: logins are rare enough for a lock.
class login_guard {
public:
    /// `shared`: by all replicas; null: this process stands alone.
    explicit login_guard(const cancel_secrets* shared = nullptr);

    /// How long this attempt is to be refused for, before it costs anything; nothing: go ahead.
    [[nodiscard]] std::optional<duration>
    refused_for(const ip_address& from, std::string_view cluster, std::string_view role) const;
    void failed(const ip_address& from, std::string_view cluster, std::string_view role);
    void succeeded(const ip_address& from);

    /// See auth::scram_subject::of.
    [[nodiscard]] const std::string& mock_secret() const noexcept { return mock_secret_; }

private:
    std::string mock_secret_;
    mutable std::mutex mutex_;
    auth::login_throttle throttle_;
};

} // namespace wakegate::proxy
