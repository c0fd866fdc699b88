// Prints what is made from the programs' tables of keys: the man pages at build time, and for
// docs/renew the checked-in documents.
#include "common/program.hpp"
#include "docs/generator/documented_program.hpp"
#include "docs/generator/json_schema.hpp"
#include "docs/generator/man_page.hpp"
#include "docs/generator/markdown.hpp"
#include "proxy/config/reference.hpp"
#include "scaler/actuator/reference.hpp"
#include "scaler/reference.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace wakegate;

constexpr std::string_view usage =
    "usage: wakegate-reference markdown | schema PROGRAM | man PROGRAM TEMPLATE\n";

std::array<docs::documented_program, 3> documented_programs() {
    return {{
        {.name = "proxy", .file = "proxy.yaml", .keys = proxy::configuration_keys()},
        {.name = "scaler", .file = "scaler.yaml", .keys = scaler::configuration_keys()},
        {.name = "actuator", .file = "actuator.yaml", .keys = actuator::configuration_keys()},
    }};
}

int fail(std::string_view reason) {
    std::cerr << reason;
    return 2;
}

int print(const std::vector<std::string>& arguments) {
    const auto programs = documented_programs();
    if (arguments == std::vector<std::string>{"markdown"}) {
        std::cout << docs::configuration_document(programs);
        return 0;
    }
    if (arguments.size() < 2) {
        return fail(usage);
    }
    const auto program = std::ranges::find(programs, arguments[1], &docs::documented_program::name);
    if (program == programs.end()) {
        return fail("no such program: " + arguments[1] + "\n");
    }
    if (arguments.front() == "schema" && arguments.size() == 2) {
        std::cout << docs::json_schema(*program);
        return 0;
    }
    if (arguments.front() == "man" && arguments.size() == 3) {
        std::ifstream file(arguments[2]);
        std::ostringstream page_template;
        page_template << file.rdbuf();
        if (!file) {
            return fail(arguments[2] + " can't be read\n");
        }
        std::cout << docs::man_page(page_template.str(), *program, version());
        return 0;
    }
    return fail(usage);
}

} // namespace

int main(int argc, char** argv) {
    return print({argv + 1, argv + std::max(argc, 1)});
}
