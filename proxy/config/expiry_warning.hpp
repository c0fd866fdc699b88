#pragma once

#include "common/yaml_map.hpp"
#include "proxy/tls/certificate_expiry.hpp"

#include <vector>

namespace wakegate::proxy {

/// Records a warning for each of these files with a certificate that has expired or soon will.
void warn_of_expiry(const yaml_map& node, const std::vector<tls::certificate_expiry>& expiries);

} // namespace wakegate::proxy
