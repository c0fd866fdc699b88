#pragma once

#include <string>
#include <string_view>

namespace wakegate::proxy {

/// True when `text` matches `pattern` as a shell matches file names: `*`, `?` and `[…]`.
/// Case-sensitive; bytes, not characters.
[[nodiscard]] bool matches(const std::string& pattern, std::string_view text);

} // namespace wakegate::proxy
