#pragma once

#include <string>

namespace wakegate {

/// A setting that is valid and probably not intended. The program starts with it.
/// `--check` prints it as "PLACE: warning: TEXT", and a start logs it as `configuration_warning`.
struct configuration_warning {
    std::string place; ///< "proxy.yaml:12:5"
    std::string text;  ///< "clusters.app.hold_timeout: reason; remedy", one line

    friend bool operator==(const configuration_warning&, const configuration_warning&) = default;
};

} // namespace wakegate
