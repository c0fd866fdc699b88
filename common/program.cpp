#include "common/program.hpp"

#include "common/configuration_error.hpp"
#include "common/configuration_reference.hpp"
#include "common/signals.hpp"
#include "version.hpp"

#include <boost/program_options.hpp>

#include <fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <iterator>

namespace wakegate {
namespace {

namespace options = boost::program_options;

/// For writing the last log lines to a slow reader. Bounded, since a reader that never reads must
/// not block the exit.
constexpr milliseconds last_lines_timeout(2'000);

constexpr int exit_failed = 1;
constexpr int exit_misconfigured = 2;

options::options_description flags_of(const program_description& description) {
    options::options_description flags(
        std::string(description.name) + ": " + std::string(description.summary) + "\n\nFlags"
    );
    auto add = flags.add_options();
    add("config", options::value<std::string>()->value_name("FILE"), "configuration, YAML; required"
    );
    add("check", "validate the configuration, print errors and warnings, and exit");
    add("version", "print the version and exit");
    add("help", "print this and exit");
    return flags;
}

std::string help_on(const program_command& command) {
    return fmt::format("  {} {}\n      {}\n", command.name, command.arguments, command.summary);
}

void print_help(const options::options_description& flags, const program_description& description) {
    std::cout << flags;
    if (!description.commands.empty()) {
        std::cout << "\nCommands, with flags of their own (" << description.name
                  << " COMMAND --help):\n";
    }
    for (const auto& command : description.commands) {
        std::cout << help_on(command);
    }
    std::cout << "\nConfiguration keys and their defaults. Relative paths of files start from "
                 "the folder of\nthe configuration file.\n\n"
              << format_reference(description.keys);
}

void print_version(const program_description& description) {
    std::cout << description.name << ' ' << version();
    if (!description.commit.empty()) {
        std::cout << " (commit " << description.commit << ')';
    }
    std::cout << '\n';
}

/// The command that the first argument names; null when that is a flag, or missing.
const program_command*
find_command(const std::vector<std::string>& arguments, const program_description& description) {
    const auto& commands = description.commands;
    if (commands.empty() || arguments.empty() || arguments.front().starts_with('-')) {
        return nullptr;
    }
    const auto found = std::ranges::find(commands, arguments.front(), &program_command::name);
    if (found == commands.end()) {
        std::vector<std::string_view> names;
        std::ranges::transform(commands, std::back_inserter(names), &program_command::name);
        throw configuration_error(fmt::format(
            "'{}' is no command; commands: {}; see --help",
            arguments.front(),
            fmt::join(names, ", ")
        ));
    }
    return &*found;
}

int report_check(const std::string& path, const std::vector<configuration_warning>& warnings) {
    for (const auto& [place, text] : warnings) {
        log::plain(fmt::format("{}: warning: {}", place, text));
    }
    const auto count = warnings.size();
    std::cout << path << ": ok";
    if (count > 0) {
        std::cout << ", " << count << (count == 1 ? " warning" : " warnings");
    }
    std::cout << '\n';
    return 0;
}

int start(const configured_program& program, sd_notifier& notifier) {
    log::configure(program.log_format, program.log_level);
    for (const auto& [place, text] : program.warnings) {
        log::warning("configuration_warning").with("place", place).with("text", text);
    }
    return program.run(notifier);
}

int run_parsed(
    const options::variables_map& values,
    const options::options_description& flags,
    const program_description& description,
    const program_body& body,
    sd_notifier& notifier
) {
    if (values.contains("help")) {
        print_help(flags, description);
        return 0;
    }
    if (values.contains("version")) {
        print_version(description);
        return 0;
    }
    if (!values.contains("config")) {
        throw configuration_error("--config is required; give the path of the YAML file");
    }
    const auto path = values["config"].as<std::string>();
    const auto program = body(path);
    return values.contains("check") ? report_check(path, program.warnings)
                                    : start(program, notifier);
}

int fail(const program_description& description, std::string_view reason, int exit_code) {
    log::plain(fmt::format("{}: {}", description.name, reason));
    return exit_code;
}

int run_reported(
    int argc,
    char** argv,
    const program_description& description,
    const program_body& body,
    sd_notifier& notifier
) {
    try {
        const std::vector<std::string> arguments(argv + 1, argv + std::max(argc, 1));
        if (const auto* const command = find_command(arguments, description)) {
            return command->run({arguments.begin() + 1, arguments.end()});
        }
        const auto flags = flags_of(description);
        options::variables_map values;
        options::command_line_parser parser(arguments);
        options::store(parser.options(flags).positional({}).run(), values);
        options::notify(values);
        return run_parsed(values, flags, description, body, notifier);
    } catch (const options::error& problem) {
        return fail(description, fmt::format("{}; see --help", problem.what()), exit_misconfigured);
    } catch (const configuration_error& problem) {
        return fail(description, problem.what(), exit_misconfigured);
    } catch (const std::exception& problem) {
        return fail(description, problem.what(), exit_failed);
    }
}

} // namespace

std::string_view version() noexcept {
    return WAKEGATE_VERSION;
}

int run_program(
    int argc, char** argv, const program_description& description, const program_body& body
) {
    ignore_signals();
    sd_notifier notifier;
    notifier.read_environment();
    const int exit_code = run_reported(argc, argv, description, body, notifier);
    log::flush(last_lines_timeout);
    return exit_code;
}

} // namespace wakegate
