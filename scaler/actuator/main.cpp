#include "common/log.hpp"
#include "common/program.hpp"
#include "scaler/actuator/app.hpp"
#include "scaler/actuator/config.hpp"

#include <string>

namespace {

using namespace wakegate;

void check(const std::string& config_path) {
    static_cast<void>(actuator::load_config(config_path));
}

int run(const std::string& config_path) {
    const auto config = actuator::load_config(config_path);
    log::configure(config.log_format, config.log_level);
    return actuator::run_actuator(config);
}

} // namespace

int main(int argc, char** argv) {
    const program_description description{
        .name = "wakegate-actuator",
        .summary =
            "Plays KEDA where there is no Kubernetes: starts and stops what scalers ask for.",
        .reference = actuator::config_reference(),
    };
    const program_body body{.check = check, .run = run};
    return run_program(argc, argv, description, body);
}
