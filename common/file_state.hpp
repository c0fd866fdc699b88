#pragma once

#include <string>

namespace wakegate {

/// Differs whenever the file at `path` does, be it rewritten, replaced or mounted anew (the kubelet
/// swaps symbolic links). One line; never fails: a file that can't be read is one that is missing.
[[nodiscard]] std::string file_state(const std::string& path);

} // namespace wakegate
