#pragma once

#include "common/sd_notify.hpp"
#include "scaler/config.hpp"

namespace wakegate::scaler {

/// Serves until SIGTERM or SIGINT, then drains; a second signal ends the process at once. The
/// result is the exit code. Throws `configuration_error` when an address can't be had.
[[nodiscard]] int run(const config& settings, sd_notifier& notifier);

} // namespace wakegate::scaler
