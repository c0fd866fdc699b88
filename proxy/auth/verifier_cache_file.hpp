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
    unfit,   ///< no regular file, too long, or accessible to others, who could guess passwords by
             ///< the verifiers in it and impersonate the server
    damaged, ///< or of another version
    unwritable,
    unflushed, ///< written, but a crash of the machine may lose it
};

struct verifier_cache_error {
    verifier_cache_errc code{};
    std::string reason; ///< one line, begins with the path

    friend bool operator==(const verifier_cache_error&, const verifier_cache_error&) = default;
};

template <typename T = void>
using verifier_cache_result = boost::system::result<T, verifier_cache_error>;

/// Reads the cache at `path`; no file is an empty cache. Revokes the group's access to a file
/// that this user owns, which a kubelet grants at each mount. Blocks on the disk.
[[nodiscard]] verifier_cache_result<std::vector<cached_verifier>>
load_verifier_cache(const std::string& path);

/// Replaces the cache at `path` atomically: writes a file of mode 0600 beside it, flushes that to
/// the disk and renames it. Blocks on the disk. One writer at a time.
[[nodiscard]] verifier_cache_result<>
save_verifier_cache(const std::string& path, const std::vector<cached_verifier>& roles);

/// Whether a cache could be kept at `path`. Creates a file beside it to find out, and removes it;
/// changes no other file. Blocks on the disk.
[[nodiscard]] verifier_cache_result<> check_verifier_cache_path(const std::string& path);

} // namespace wakegate::auth
