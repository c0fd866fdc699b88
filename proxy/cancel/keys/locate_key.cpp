#include "proxy/cancel/keys/locate_key.hpp"

#include "proxy/cancel/keys/short_key.hpp"

#include <utility>

namespace wakegate::proxy {

cancel_lookup locate_key(
    const cancel_secrets& secrets,
    std::string_view key,
    const key_scope& scope,
    const endpoint_finder& find
) {
    if (auto target = open_cancel_key(secrets, key, find)) {
        if (target->endpoint == nullptr) {
            return drop_cancel();
        }
        return *std::move(target);
    }
    const bool is_verified = verify_short_key(secrets, key);
    if (scope.may_try_peers && (is_verified || scope.has_server_keys)) {
        return try_peers{.is_verified = is_verified};
    }
    return drop_cancel{.is_foreign = !is_verified};
}

} // namespace wakegate::proxy
