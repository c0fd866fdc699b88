#pragma once

#include "common/yaml_map.hpp"
#include "proxy/libpq/probe.hpp"
#include "proxy/verifiers/verifier_refresher.hpp"

#include <optional>

namespace wakegate::proxy {

/// A cluster's keys for how its clients log in; nothing for `auth: passthrough`. The server to
/// query is the probe's unless the keys name another. Reads the files it names. Throws
/// `configuration_error`.
[[nodiscard]] std::optional<verifier_settings>
read_verifiers(const yaml_map& node, const probe_settings& probe);

} // namespace wakegate::proxy
