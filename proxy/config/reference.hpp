#pragma once

#include "common/configuration_key.hpp"

#include <span>

namespace wakegate::proxy {

/// Every key of proxy.yaml, in the order of the reference.
[[nodiscard]] std::span<const configuration_key> configuration_keys();

/// Its sections.
[[nodiscard]] std::span<const configuration_key> listener_keys() noexcept;
[[nodiscard]] std::span<const configuration_key> process_keys() noexcept;
[[nodiscard]] std::span<const configuration_key> cluster_keys() noexcept;
[[nodiscard]] std::span<const configuration_key> server_keys() noexcept; ///< of a cluster
[[nodiscard]] std::span<const configuration_key> route_keys() noexcept;

} // namespace wakegate::proxy
