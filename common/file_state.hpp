#pragma once

#include <string>

namespace wakegate {

/// A line of text that changes whenever the file at `path` is rewritten, replaced or mounted anew
/// (the kubelet swaps symbolic links). Never fails: a file that can't be read counts as missing.
[[nodiscard]] std::string file_state(const std::string& path);

} // namespace wakegate
