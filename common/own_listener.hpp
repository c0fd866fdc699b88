#pragma once

#include "common/host_port.hpp"

namespace wakegate {

/// A connection to `target` would come to whoever listens on `listening` on this machine: by the
/// same name or address, or by any of this machine's where it listens on all. No name server is
/// asked: but for "localhost", names are compared as they are written.
[[nodiscard]] bool is_own_listener(const host_port& target, const host_port& listening);

} // namespace wakegate
