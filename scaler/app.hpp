#pragma once

#include "common/service_manager.hpp"
#include "scaler/config.hpp"

namespace wakegate::scaler {

/// Serves until SIGTERM or SIGINT, then drains; a second signal ends the process at once. The
/// result is the exit code. Throws `configuration_error` when an address can't be had.
[[nodiscard]] int run(const config& settings, service_manager& manager);

} // namespace wakegate::scaler
