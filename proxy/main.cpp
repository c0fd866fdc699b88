#include "common/program.hpp"
#include "proxy/app.hpp"
#include "proxy/config/proxy_config.hpp"
#include "proxy/net/descriptor_table.hpp"

int main(int argc, char** argv) {
    using namespace wakegate;
    const program_description description{
        .name = "wakegate-proxy",
        .summary =
            "holds Postgres clients while their cluster wakes up, and forwards them when it is up",
        .reference = proxy::proxy_config_reference,
    };
    const program_body body{
        .check = [](const std::string& path) { (void)proxy::load_proxy_config(path); },
        .run =
            [](const std::string& path) {
                proxy::widen_descriptor_table();
                proxy::app app(proxy::load_proxy_config(path));
                app.run();
                return 0;
            },
    };
    return run_program(argc, argv, description, body);
}
