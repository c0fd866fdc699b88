#include "common/commit.hpp"
#include "common/program.hpp"
#include "proxy/app.hpp"
#include "proxy/config/proxy_config.hpp"
#include "proxy/config/reference.hpp"
#include "proxy/net/descriptor_limit.hpp"

#include <memory>

int main(int argc, char** argv) {
    using namespace wakegate;
    const program_description description{
        .name = "wakegate-proxy",
        .summary =
            "holds Postgres clients while their cluster wakes up, and forwards them when it is up",
        .commit = commit(),
        .keys = proxy::configuration_keys(),
    };
    const program_body body = [](const std::string& path) {
        const auto config = std::make_shared<proxy::proxy_config>(proxy::load_proxy_config(path));
        return configured_program{
            .log_format = config->log_format,
            .log_level = config->log_level,
            .warnings = config->warnings,
            .run =
                [config](sd_notifier& notifier) {
                    proxy::raise_descriptor_limit();
                    proxy::app app(*config, notifier);
                    app.run();
                    return 0;
                },
        };
    };
    return run_program(argc, argv, description, body);
}
