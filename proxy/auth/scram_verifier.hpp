#pragma once

#include "proxy/auth/secret.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wakegate::auth {

/// What a server keeps of a SCRAM-SHA-256 password: pg_authid.rolpassword, PostgreSQL manual,
/// "pg_authid"; RFC 5802 section 3 for the keys. Knowing it is not enough to log in as the role,
/// but enough to impersonate the server, so it is kept secret.
struct scram_verifier {
    /// SCRAM_SHA_256_DEFAULT_ITERATIONS and scram_iterations' default in Postgres.
    static constexpr std::uint32_t default_iterations = 4'096;
    /// Postgres stores up to 2^31 - 1; a login with more than this takes its client seconds.
    static constexpr std::uint32_t max_iterations = 10'000'000;
    /// Postgres writes SCRAM_DEFAULT_SALT_LEN, 16, and reads any.
    static constexpr std::size_t default_salt_size = 16;
    static constexpr std::size_t max_salt_size = 256;

    std::uint32_t iterations = default_iterations;
    std::string salt; ///< decoded
    scram_key stored_key;
    scram_key server_key;

    /// "SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey", exactly as `text` writes it; nothing
    /// for any other text.
    [[nodiscard]] static std::optional<scram_verifier> parse(std::string_view text);
    [[nodiscard]] static bool has_scram_prefix(std::string_view text) noexcept;
    /// From a password that is not prepared yet. Slow on purpose: see `salted_password`.
    [[nodiscard]] static scram_verifier
    derive(std::string_view password, std::string_view salt, std::uint32_t iterations);

    [[nodiscard]] std::string text() const;

    friend bool operator==(const scram_verifier&, const scram_verifier&) = default;
};

/// Keys that log in without the password at a server whose verifier has this salt and number of
/// iterations (RFC 5802 section 9 warns of that). Live as long as their session.
struct scram_login_keys {
    scram_key client_key; ///< recovered from a client's proof
    scram_key server_key; ///< checks that the server has the same verifier
    std::string salt;
    std::uint32_t iterations = 0;

    friend bool operator==(const scram_login_keys&, const scram_login_keys&) = default;
};

} // namespace wakegate::auth
