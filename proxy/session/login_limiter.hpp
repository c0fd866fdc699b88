#pragma once

#include "common/cidr.hpp"
#include "common/clock.hpp"
#include "proxy/auth/login_throttle.hpp"
#include "proxy/cancel/keys/cancel_secrets.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// Shared by all logins of this process: the failures, and the secret that makes unknown roles look
/// like any other. Any thread: logins are rare enough for a lock.
class login_limiter {
public:
    /// `shared`: by all replicas; null: there is only this process.
    explicit login_limiter(const cancel_secrets* shared = nullptr);

    /// For how long to refuse this attempt, before any work; nothing: let it through.
    [[nodiscard]] std::optional<duration>
    retry_after(const ip_address& from, std::string_view cluster, std::string_view role) const;
    void failed(const ip_address& from, std::string_view cluster, std::string_view role);
    void succeeded(const ip_address& from);

    /// A login that failed because no role of the cluster is known: nothing was guessed. Slows down
    /// as `failed` does, so that no client can tell; `roles_known` forgets it.
    void
    failed_without_roles(const ip_address& from, std::string_view cluster, std::string_view role);
    /// Roles of the cluster are known now.
    void roles_known(std::string_view cluster);

    /// See auth::scram_account::of.
    [[nodiscard]] const std::string& mock_secret() const noexcept { return mock_secret_; }

private:
    std::string mock_secret_;
    mutable std::mutex mutex_;
    auth::login_throttle throttle_;
    /// By cluster: failures while no role was known.
    std::map<std::string, auth::login_throttle, std::less<>> without_roles_;
};

} // namespace wakegate::proxy
