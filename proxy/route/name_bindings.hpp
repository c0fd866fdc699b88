#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wakegate::proxy {

/// The values of one route's placeholders, for one client. A value comes from the client but is at
/// most one label of a DNS name (RFC 1123, 2.1): 1 to 63 of a-z, 0-9 and '-', no '-' at either end,
/// lower case. So it can fill a gap in a host's name, but neither leave it nor end it.
class name_bindings {
public:
    static constexpr std::size_t max_value_size = 63;

    /// `text` in lower case if it is a valid value, else an empty string.
    [[nodiscard]] static std::string value_from(std::string_view text);

    /// False when `name` has another value already, which it keeps.
    /// Precondition: `value` comes from `value_from` and is not empty.
    [[nodiscard]] bool bind(std::string_view name, std::string_view value);
    [[nodiscard]] const std::string* find(std::string_view name) const noexcept;

private:
    std::vector<std::pair<std::string, std::string>> values_;
};

/// ASCII only, in every locale: that is how names on the wire compare.
[[nodiscard]] std::string to_lower(std::string_view text);

} // namespace wakegate::proxy
