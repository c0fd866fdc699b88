#pragma once

#include "common/configuration_key.hpp"
#include "common/configuration_warning.hpp"
#include "common/log.hpp"
#include "common/sd_notify.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate {

/// A subcommand, chosen by the first argument: runs once and exits, even while the program itself
/// is running.
struct program_command {
    std::string_view name;      ///< "wake"
    std::string_view arguments; ///< "CLUSTER [--for DURATION]", for --help
    std::string_view summary;   ///< one line for --help
    /// Gets the arguments after its name; returns the exit code. Throws as a program's start does.
    std::function<int(const std::vector<std::string>& arguments)> run;
};

/// What every wakegate program has in common: flags, exit codes and the texts around them.
struct program_description {
    std::string_view name;                   ///< "wakegate-proxy"
    std::string_view summary;                ///< one line for --help
    std::string_view commit;                 ///< for --version; empty when it is unknown
    std::span<const configuration_key> keys; ///< of its configuration file, for --help
    std::vector<program_command> commands = {};
};

/// A program whose configuration has been read and checked; nothing is running yet.
struct configured_program {
    log::format log_format = log::format::text;
    log::level log_level = log::level::info;
    std::vector<configuration_warning> warnings;
    /// Runs until a signal, and reports its state to the service manager; returns the exit code.
    /// Throws `configuration_error` for what the operator can fix, such as an address in use.
    std::function<int(sd_notifier&)> run;
};

/// Reads and checks the whole file without side effects. Throws `configuration_error`.
using program_body = std::function<configured_program(const std::string& config_path)>;

/// Parses --config, --check, --version and --help, reads the configuration once, configures the
/// log, logs the configuration's warnings and runs the program. --check prints the warnings and
/// ends. A command as the first argument is run instead. `ignored_signals` are ignored from here
/// on. Exit codes: 0 done, 1 something failed at run time, 2 bad flags or configuration.
[[nodiscard]] int run_program(
    int argc, char** argv, const program_description& description, const program_body& body
);

/// "0.1.0", from CMake's project version.
[[nodiscard]] std::string_view version() noexcept;

} // namespace wakegate
