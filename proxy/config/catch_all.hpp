#pragma once

#include <string_view>

namespace wakegate::proxy {

/// A pattern that fits everything: empty, or only stars.
[[nodiscard]] constexpr bool is_catch_all(std::string_view pattern) noexcept {
    return pattern.find_first_not_of('*') == std::string_view::npos;
}

} // namespace wakegate::proxy
