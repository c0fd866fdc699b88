#pragma once

#include <string>

namespace wakegate::proxy {

/// A pattern for roles or databases, ready to compare with names that servers truncate: without
/// wildcards and placeholders it is a name, and truncated too.
[[nodiscard]] std::string truncate_plain_name(std::string pattern);

} // namespace wakegate::proxy
