#pragma once

#include <cstdint>

namespace wakegate::proxy {

/// What no number of clients, sessions or connections in a configuration may exceed.
inline constexpr std::uint64_t max_client_count = 1'000'000;

} // namespace wakegate::proxy
