#pragma once

#include "common/yaml_map.hpp"
#include "proxy/route/role_map.hpp"
#include "proxy/tls/listener_settings.hpp"

#include <vector>

namespace wakegate::proxy {

/// A listener's `tls`; reads its files once to check them. Throws `configuration_error`.
[[nodiscard]] tls::listener_settings read_listener_tls(const yaml_map& node);

/// Its `cancel`. Read this and `client_roles` first: then the rest is unknown keys.
[[nodiscard]] bool read_broadcast_cancels(const yaml_map& node);

/// Its `client_roles`.
[[nodiscard]] std::vector<role_rule> read_client_roles(const yaml_map& node);

} // namespace wakegate::proxy
