#pragma once

#include <array>
#include <string_view>
#include <vector>

namespace wakegate::proxy {

/// The keys derived from one shared secret. Overwritten when destroyed.
struct cancel_secret {
    std::array<unsigned char, 4> id{};       ///< tells which secret a key was sealed with
    std::array<unsigned char, 32> sealing{}; ///< AES-256-GCM
    std::array<unsigned char, 32> signing{}; ///< HMAC-SHA256
    /// For the salts of unknown roles, which are the same at all replicas.
    std::array<unsigned char, 32> mock_auth_key{};

    explicit cancel_secret(std::string_view secret);
    cancel_secret(const cancel_secret&) = default;
    cancel_secret& operator=(const cancel_secret&) = default;
    ~cancel_secret();
};

/// The secrets that all replicas of one proxy share. Keys are made with the current one and
/// accepted under both, so that rotation (add the new one as previous everywhere, swap both, remove
/// the old one) breaks no session's cancels. Immutable; any thread.
///
/// Derived by HKDF-SHA256 (RFC 5869) without a salt: the secret must be random already.
class cancel_secrets {
public:
    static constexpr std::size_t min_size = 32;

    /// Throws `configuration_error` when a secret is shorter than `min_size` or both are the same.
    /// An empty `previous` is none.
    explicit cancel_secrets(std::string_view current, std::string_view previous = {});

    [[nodiscard]] const cancel_secret& current() const noexcept { return all_.front(); }

    [[nodiscard]] const std::vector<cancel_secret>& all() const noexcept { return all_; }

private:
    std::vector<cancel_secret> all_;
};

} // namespace wakegate::proxy
