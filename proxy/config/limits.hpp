#pragma once

#include <cstdint>

namespace wakegate::proxy {

/// The bound of every number of clients, sessions or connections in a configuration.
inline constexpr std::uint64_t max_client_count = 1'000'000;

} // namespace wakegate::proxy
