#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace wakegate {

/// Fills all of `bytes` from OpenSSL's generator. False when it has no randomness. Any thread.
[[nodiscard]] bool fill_with_random_bytes(std::span<char> bytes) noexcept;

/// The same; throws std::runtime_error when there are none.
[[nodiscard]] std::string random_bytes(std::size_t count);

/// `count` random bytes, in base64.
[[nodiscard]] std::string random_base64(std::size_t count);

} // namespace wakegate
