#pragma once

#include "common/yaml_map.hpp"
#include "proxy/libpq/probe.hpp"
#include "proxy/verifiers/verifier_refresher.hpp"

#include <optional>

namespace wakegate::proxy {

/// The keys of a cluster that say how its clients prove who they are; nothing for
/// `auth: passthrough`. A server that is asked is the probe's unless the keys say otherwise. Reads
/// the files it names. Throws `configuration_error`.
[[nodiscard]] std::optional<verifier_settings>
read_verifiers(const yaml_map& node, const probe_settings& probe);

} // namespace wakegate::proxy
