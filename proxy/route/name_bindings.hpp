#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wakegate::proxy {

/// What the placeholders of one route stand for, for one client. A value comes from the client but
/// is at most one label of a DNS name (RFC 1123, 2.1): 1 to 63 of a-z, 0-9 and '-', no '-' at
/// either end, in lower case. So it can fill a gap in a host's name, but neither leave it nor end
/// it.
class name_bindings {
public:
    static constexpr std::size_t max_value_size = 63;

    /// `text` in lower case when it may be a value, else an empty string.
    [[nodiscard]] static std::string value_from(std::string_view text);

    /// False when `name` stands for another value already, which it keeps.
    /// Precondition: `value` is what `value_from` gave, and not empty.
    [[nodiscard]] bool bind(std::string_view name, std::string_view value);
    [[nodiscard]] const std::string* find(std::string_view name) const noexcept;

private:
    std::vector<std::pair<std::string, std::string>> values_;
};

/// ASCII only, whatever the locale: names on the wire know no other case.
[[nodiscard]] std::string to_lower(std::string_view text);

} // namespace wakegate::proxy
