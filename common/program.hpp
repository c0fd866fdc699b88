#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace wakegate {

/// What every wakegate program has in common: flags, exit codes and the texts around them.
struct program_description {
    std::string_view name;      ///< "wakegate-proxy"
    std::string_view summary;   ///< one line for --help
    std::string_view reference; ///< the configuration keys with their defaults, printed by --help
};

/// A program's two halves. Both throw `configuration_error` for what the operator can mend.
struct program_body {
    /// Reads and checks the whole file without side effects; what --check runs.
    std::function<void(const std::string& config_path)> check;
    /// Runs until a signal; the result is the exit code.
    std::function<int(const std::string& config_path)> run;
};

/// Parses --config, --check, --version and --help, then runs the body. `ignored_signals` are
/// ignored from here on. Exit codes: 0 done, 1 something failed at run time, 2 bad flags or
/// configuration.
[[nodiscard]] int run_program(
    int argc, char** argv, const program_description& description, const program_body& body
);

/// "0.1.0", from CMake's project version.
[[nodiscard]] std::string_view version() noexcept;

} // namespace wakegate
