#pragma once

#include "proxy/auth/secret.hpp"

#include <cstdint>
#include <string_view>

/// The functions of RFC 5802 section 3 over SHA-256 (RFC 7677), named as there. They throw
/// std::runtime_error when OpenSSL fails, which happens only without memory.
namespace wakegate::auth {

/// H(bytes)
[[nodiscard]] scram_key hash(std::string_view bytes);

/// HMAC(key, bytes)
[[nodiscard]] scram_key hmac(std::string_view key, std::string_view bytes);

/// one XOR other
[[nodiscard]] scram_key exclusive_or(const scram_key& one, const scram_key& other) noexcept;

/// Hi(password, salt, iterations). `password` is prepared already, see saslprep.hpp. Costs about
/// 1 ms of processor time per 4,096 iterations.
[[nodiscard]] scram_key
salted_password(std::string_view password, std::string_view salt, std::uint32_t iterations);

[[nodiscard]] scram_key client_key_of(const scram_key& salted);
[[nodiscard]] scram_key server_key_of(const scram_key& salted);

} // namespace wakegate::auth
