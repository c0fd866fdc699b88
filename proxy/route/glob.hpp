#pragma once

#include <string>
#include <string_view>

namespace wakegate::proxy {

/// True when `text` matches `pattern` as a shell would match a file name: `*`, `?` and `[…]`.
/// Case counts. Bytes, not characters.
[[nodiscard]] bool matches(const std::string& pattern, std::string_view text);

} // namespace wakegate::proxy
