#pragma once

#include <optional>
#include <string>

namespace wakegate::proxy {

/// The first line of `file`, a password of the proxy's own; nothing when there is none. Read for
/// each login, since a mounted Secret may be replaced while the proxy runs.
[[nodiscard]] std::optional<std::string> read_password_file(const std::string& file);

} // namespace wakegate::proxy
