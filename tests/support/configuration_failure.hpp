#pragma once

#include "common/configuration_error.hpp"

#include <string>

namespace wakegate::support {

/// The text of the configuration error, or "accepted".
template <typename Attempt> std::string configuration_failure(Attempt attempt) {
    try {
        attempt();
    } catch (const configuration_error& failure) {
        return failure.what();
    }
    return "accepted";
}

} // namespace wakegate::support
