#pragma once

#include <string>
#include <system_error>
#include <vector>

#include <sys/types.h>

namespace wakegate::actuator {

/// What `spawn_in_group` gives; the caller owns the descriptors and reaps the child.
struct spawned_child {
    pid_t pid = 0;
    int exit_fd = -1;   ///< pidfd
    int output_fd = -1; ///< read end of standard output and standard error, non-blocking
    std::error_code error;
};

/// posix_spawn in a new process group: input from /dev/null, both outputs into one pipe, default
/// signal dispositions, no other descriptor inherited. `environment` entries ("NAME=value") replace
/// our own of the same name.
[[nodiscard]] spawned_child
spawn_in_group(const std::vector<std::string>& argv, const std::vector<std::string>& environment);

} // namespace wakegate::actuator
