#pragma once

#include "common/host_port.hpp"

namespace wakegate {

/// Whether a connection to `target` would reach this machine's listener on `listening`: by the same
/// name or address, or by any address of this machine where it listens on all. Names other
/// than "localhost" are compared as written, without DNS.
[[nodiscard]] bool is_own_listener(const host_port& target, const host_port& listening);

} // namespace wakegate
