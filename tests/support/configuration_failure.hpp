#pragma once

#include "common/configuration_error.hpp"

#include <string>

namespace wakegate::support {

/// The line the operator would read, or "accepted".
template <typename Attempt> std::string configuration_failure(Attempt attempt) {
    try {
        attempt();
    } catch (const configuration_error& failure) {
        return failure.what();
    }
    return "accepted";
}

} // namespace wakegate::support
