#pragma once

#include <string>

namespace wakegate::proxy {

/// A pattern for roles or databases, ready to be compared with names as servers cut them: one
/// without wildcards and placeholders is a name, and is cut alike.
[[nodiscard]] std::string truncate_plain_name(std::string pattern);

} // namespace wakegate::proxy
