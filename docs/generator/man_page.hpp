#pragma once

#include "docs/generator/documented_program.hpp"

#include <string>

namespace wakegate::docs {

/// The template with the version and, in troff, the configuration's keys in place of @VERSION@ and
/// @CONFIGURATION@.
[[nodiscard]] std::string
man_page(std::string page_template, const documented_program& program, std::string_view version);

} // namespace wakegate::docs
