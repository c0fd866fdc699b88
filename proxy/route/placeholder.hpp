#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// `{name}` as patterns and templates have it.
struct placeholder {
    std::string name;
    std::size_t size = 0; ///< of the whole, braces included
};

/// The placeholder whose '{' stands at `at` of `text`. Throws `configuration_error` when it is
/// unfinished or its name is none (a-z, then a-z, 0-9 and '_').
[[nodiscard]] placeholder placeholder_at(std::string_view text, std::size_t at);

/// Throws `configuration_error`: "'TEXT': REASON, at character N".
[[noreturn]] void fail_at(std::string_view text, std::size_t at, std::string_view reason);

} // namespace wakegate::proxy
