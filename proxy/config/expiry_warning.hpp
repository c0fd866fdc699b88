#pragma once

#include "common/yaml_map.hpp"
#include "proxy/tls/certificate_expiry.hpp"

#include <vector>

namespace wakegate::proxy {

/// Records a warning for each of these files that holds an expired certificate, or one that soon
/// will be.
void warn_of_expiry(const yaml_map& node, const std::vector<tls::certificate_expiry>& expiries);

} // namespace wakegate::proxy
