#pragma once

#include <boost/system/result.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace wakegate::actuator {

/// The program that a hook's first word means: a relative path is taken from `folder`, the
/// configuration file's; an absolute one, and a name that PATH is searched for, stay as they are.
[[nodiscard]] std::string
resolve_program(std::string_view first_word, const std::filesystem::path& folder);

/// Why this process can't run a program.
struct program_error {
    std::string text; ///< names the program and the remedy
};

/// Whether this process can run `program` as things are now.
[[nodiscard]] boost::system::result<void, program_error> check_program(const std::string& program);

} // namespace wakegate::actuator
