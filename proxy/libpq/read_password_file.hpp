#pragma once

#include <optional>
#include <string>

namespace wakegate::proxy {

/// The first line of `file`, where a password of the gate's own stands; nothing when there is none.
/// Read for each login, for it may be a Secret's, which is replaced while the gate runs.
[[nodiscard]] std::optional<std::string> read_password_file(const std::string& file);

} // namespace wakegate::proxy
