#include "common/commit.hpp"
#include "common/program.hpp"
#include "scaler/actuator/app.hpp"
#include "scaler/actuator/config.hpp"
#include "scaler/actuator/reference.hpp"

#include <string>

namespace {

using namespace wakegate;

configured_program configure(const std::string& config_path) {
    const auto config = actuator::load_config(config_path);
    return {
        .log_format = config.log_format,
        .log_level = config.log_level,
        .warnings = config.warnings,
        .run = [config](sd_notifier& notifier) { return actuator::run_actuator(config, notifier); },
    };
}

} // namespace

int main(int argc, char** argv) {
    const program_description description{
        .name = "wakegate-actuator",
        .summary =
            "Plays KEDA where there is no Kubernetes: starts and stops what scalers ask for.",
        .commit = commit(),
        .keys = actuator::configuration_keys(),
    };
    return run_program(argc, argv, description, configure);
}
