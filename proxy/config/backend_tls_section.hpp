#pragma once

#include "common/yaml_map.hpp"
#include "proxy/tls/backend_settings.hpp"

namespace wakegate::proxy {

/// A cluster's `backend_tls`; reads its files once to check them. Throws `configuration_error`.
[[nodiscard]] tls::backend_settings read_backend_tls(const yaml_map& node);

} // namespace wakegate::proxy
