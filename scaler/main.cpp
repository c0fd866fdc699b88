#include "common/commit.hpp"
#include "common/program.hpp"
#include "scaler/app.hpp"
#include "scaler/commands.hpp"
#include "scaler/config.hpp"
#include "scaler/reference.hpp"

int main(int argc, char** argv) {
    namespace scaler = wakegate::scaler;
    const wakegate::program_description description{
        .name = "wakegate-scaler",
        .summary = "sums up what the proxies' clients want and answers KEDA with it",
        .commit = wakegate::commit(),
        .keys = scaler::configuration_keys(),
        .commands = scaler::order_commands(),
    };
    const wakegate::program_body body = [](const std::string& path) {
        const auto config = scaler::load_config(path);
        return wakegate::configured_program{
            .log_format = config.log_format,
            .log_level = config.log_level,
            .warnings = config.warnings,
            .run = [config](wakegate::sd_notifier& notifier
                   ) { return scaler::run(config, notifier); },
        };
    };
    return wakegate::run_program(argc, argv, description, body);
}
