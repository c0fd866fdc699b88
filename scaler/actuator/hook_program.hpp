#pragma once

#include <boost/system/result.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace wakegate::actuator {

/// Resolves a hook's first word: a relative path starts from `folder`, the configuration file's; an
/// absolute one, and a name without '/', which is searched for in PATH, stay as they are.
[[nodiscard]] std::string
resolve_program(std::string_view first_word, const std::filesystem::path& folder);

/// Why this process can't run a program.
struct program_error {
    std::string text; ///< names the program and the remedy
};

/// Whether this process can run `program` now.
[[nodiscard]] boost::system::result<void, program_error> check_program(const std::string& program);

} // namespace wakegate::actuator
