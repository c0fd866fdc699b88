#pragma once

#include "common/sd_notify.hpp"
#include "scaler/actuator/config.hpp"

namespace wakegate::actuator {

/// Runs until SIGTERM or SIGINT and gives the exit code.
///
/// The first signal ends polls and streams, waits for running hooks up to their timeouts, and
/// leaves every target as it is: an actuator's restart must not stop a database. The second one
/// kills the hooks that this process may signal. One thread owns everything; gRPC's own threads
/// only post to it.
///
/// Throws `configuration_error` when the admin address can't be had.
[[nodiscard]] int run_actuator(const actuator_config& config, sd_notifier& notifier);

} // namespace wakegate::actuator
