#pragma once

#include "docs/generator/documented_program.hpp"

#include <span>
#include <string>

namespace wakegate::docs {

/// docs/configuration.md: all programs' keys in tables.
[[nodiscard]] std::string configuration_document(std::span<const documented_program> programs);

} // namespace wakegate::docs
