#pragma once

#include "common/configuration_error.hpp"

#include <string>

namespace wakegate::support {

/// The error as the operator reads it, or "accepted".
template <typename Attempt> std::string configuration_failure(Attempt attempt) {
    try {
        attempt();
    } catch (const configuration_error& failure) {
        return failure.what();
    }
    return "accepted";
}

} // namespace wakegate::support
