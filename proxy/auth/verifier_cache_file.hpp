#pragma once

#include "proxy/auth/verifier_cache.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace wakegate::auth {

/// Why there is no cache at a path, or none can be kept there.
enum class verifier_cache_errc : std::uint8_t {
    unreadable,
    unfit,   ///< no file, too long, or open to others: the verifiers in it let whoever has them
             ///< guess passwords and play the server
    damaged, ///< or of another version
    unwritable,
    unflushed, ///< written, and may be gone after a crash of the machine
};

struct verifier_cache_error {
    verifier_cache_errc code{};
    std::string reason; ///< one line, begins with the path

    friend bool operator==(const verifier_cache_error&, const verifier_cache_error&) = default;
};

template <typename T = void>
using verifier_cache_result = boost::system::result<T, verifier_cache_error>;

/// Reads the cache at `path`; no file is an empty cache. What its group may do to a file of
/// this user's is taken back: a kubelet gives that with each mount. Blocks on the disk.
[[nodiscard]] verifier_cache_result<std::vector<cached_verifier>>
load_verifier_cache(const std::string& path);

/// Replaces the cache at `path` whole or not at all, by a file of mode 0600 written beside it,
/// flushed to the disk and renamed. Blocks on the disk. One writer at a time.
[[nodiscard]] verifier_cache_result<>
save_verifier_cache(const std::string& path, const std::vector<cached_verifier>& roles);

/// Whether a cache could be kept at `path`. Makes a file beside it to find out, which is gone
/// again, and touches no other. Blocks on the disk.
[[nodiscard]] verifier_cache_result<> check_verifier_cache_path(const std::string& path);

} // namespace wakegate::auth
