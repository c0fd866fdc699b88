#pragma once

#include "common/configuration_key.hpp"

#include <span>

namespace wakegate::scaler {

/// Every key of scaler.yaml, in the order of the reference.
[[nodiscard]] std::span<const configuration_key> configuration_keys() noexcept;

} // namespace wakegate::scaler
