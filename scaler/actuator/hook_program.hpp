#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace wakegate::actuator {

/// The program that a hook's first word means: a relative path is taken from `folder`, the
/// configuration file's; an absolute one, and a name that PATH is searched for, stay as they are.
[[nodiscard]] std::string
resolve_program(std::string_view first_word, const std::filesystem::path& folder);

/// Why this process can't run `program` as things are now, with the remedy; empty when it can.
[[nodiscard]] std::string program_error(const std::string& program);

} // namespace wakegate::actuator
