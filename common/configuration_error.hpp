#pragma once

#include <stdexcept>

namespace wakegate {

/// Bad configuration or flags. `what()` is one whole line for the operator: place, value, remedy.
/// Thrown only while a program reads its configuration or starts; `run_program` turns it into
/// exit 2.
class configuration_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

} // namespace wakegate
