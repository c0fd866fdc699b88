#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// `{name}` in a pattern or a template.
struct placeholder {
    std::string name;
    std::size_t size = 0; ///< with its braces
};

/// The placeholder with its '{' at `at` of `text`. Throws `configuration_error` when it is
/// unterminated or its name is not a-z followed by a-z, 0-9 and '_'.
[[nodiscard]] placeholder placeholder_at(std::string_view text, std::size_t at);

/// Throws `configuration_error`: "'TEXT': REASON, at character N".
[[noreturn]] void fail_at(std::string_view text, std::size_t at, std::string_view reason);

} // namespace wakegate::proxy
