#pragma once

#include <cstddef>

namespace wakegate::proxy {

/// Raises the soft limit of open files to the hard one (a session needs two), and makes the kernel
/// allocate that many at once. Call it while the process has one thread. Never fails: without it
/// accepts stop earlier and the first thousand sessions come with a pause.
void raise_descriptor_limit() noexcept;

/// How many sessions fit the soft limit of open files, at two each.
[[nodiscard]] std::size_t max_sessions() noexcept;

} // namespace wakegate::proxy
