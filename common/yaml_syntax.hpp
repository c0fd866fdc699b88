#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wakegate {

/// A parser's `complaint` about one line of YAML, with what to do: quotes around what YAML takes
/// for something else (`*:6432`, `{name}_ro`), spaces for tabs. `column` counts from 0 and is where
/// the parser stopped, which may be behind the mistake. Pure.
[[nodiscard]] std::string
describe_syntax_error(std::string_view complaint, std::string_view line, std::size_t column);

} // namespace wakegate
