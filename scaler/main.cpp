#include "common/program.hpp"
#include "scaler/app.hpp"
#include "scaler/config.hpp"

int main(int argc, char** argv) {
    namespace scaler = wakegate::scaler;
    const wakegate::program_description description{
        .name = "wakegate-scaler",
        .summary = "sums up what the proxies' clients want and answers KEDA with it",
        .reference = scaler::config_reference,
    };
    const wakegate::program_body body{
        .check = [](const std::string& path) { static_cast<void>(scaler::load_config(path)); },
        .run = [](const std::string& path) { return scaler::run(scaler::load_config(path)); },
    };
    return wakegate::run_program(argc, argv, description, body);
}
