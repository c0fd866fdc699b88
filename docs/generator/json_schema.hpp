#pragma once

#include "docs/generator/documented_program.hpp"

#include <string>

namespace wakegate::docs {

/// A JSON Schema (draft 2020-12) of the program's file, for editors. It knows each key's form and
/// bounds; what keys demand of each other only the program's `--check` knows.
[[nodiscard]] std::string json_schema(const documented_program& program);

} // namespace wakegate::docs
