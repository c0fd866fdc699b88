#pragma once

#include "proxy/auth/verifier_cache.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace wakegate::auth {

/// Reads the cache at `path`; no file is an empty cache. Otherwise why it is not used, one line
/// that begins with the path: damaged, of another version, or open to others (the verifiers in it
/// let whoever has them guess passwords and play the server). What its group may do to a file of
/// this user's is taken back: a kubelet gives that with each mount. Blocks on the disk.
[[nodiscard]] std::variant<std::vector<cached_verifier>, std::string>
load_verifier_cache(const std::string& path);

/// Replaces the cache at `path` whole or not at all, by a file of mode 0600 written beside it,
/// flushed to the disk and renamed. Nothing when done, else the error, one line that begins with
/// the path. Blocks on the disk. One writer at a time.
[[nodiscard]] std::optional<std::string>
save_verifier_cache(const std::string& path, const std::vector<cached_verifier>& roles);

/// Why no cache could be kept at `path`, one line that begins with the path; nothing when one
/// could. Makes a file beside it to find out, which is gone again, and touches no other. Blocks on
/// the disk.
[[nodiscard]] std::optional<std::string> check_verifier_cache_path(const std::string& path);

} // namespace wakegate::auth
