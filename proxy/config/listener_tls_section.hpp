#pragma once

#include "common/yaml_map.hpp"
#include "proxy/tls/settings.hpp"

namespace wakegate::proxy {

/// A listener's `tls`, and its files, which are read once to see that they can be used. Throws
/// `configuration_error`.
[[nodiscard]] tls::settings read_listener_tls(const yaml_map& from);

} // namespace wakegate::proxy
