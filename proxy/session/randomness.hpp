#pragma once

#include <cstddef>
#include <string>

namespace wakegate::proxy {

/// From OpenSSL's generator. Throws std::runtime_error when it has none to give. Any thread.
[[nodiscard]] std::string random_bytes(std::size_t count);

/// For one SCRAM exchange: 18 random bytes in base64, as many as Postgres takes
/// (SCRAM_RAW_NONCE_LEN).
[[nodiscard]] std::string fresh_nonce();

} // namespace wakegate::proxy
