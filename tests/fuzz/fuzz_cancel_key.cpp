#include "proxy/cancel/cancel_way.hpp"
#include "proxy/cancel/short_key.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>

using namespace wakegate;

namespace {

const proxy::cancel_secrets secrets(std::string(32, 's'));
const proxy::cancel_target target{.cluster = "app", .backend_key = "pid!" + std::string(32, 'k')};

/// `key` with `changes` laid over it by exclusive or.
std::string changed(std::string key, std::string_view changes) {
    for (std::size_t i = 0; i < std::min(key.size(), changes.size()); ++i) {
        key[i] = static_cast<char>(key[i] ^ changes[i]);
    }
    return key;
}

void check_any_key(std::string_view key) {
    fuzz::require(!proxy::open_cancel_key(secrets, key), "nobody can make a sealed key");
    if (const auto found = proxy::parse_short_key(secrets, key)) {
        const auto& [replica, session] = found->whose;
        fuzz::require(replica <= proxy::short_key::max_replica, "a replica has 9 bits");
        fuzz::require(
            session > 0 && session <= proxy::short_key::max_session, "a session has 22 bits"
        );
        const auto made = proxy::make_short_key(secrets, found->whose);
        fuzz::require(found->authentic == (made == key), "authentic is what we make");
    }
    const auto everything = [](std::string_view) { return true; };
    std::ignore = proxy::find_cancel_way(secrets, {.key = key, .our_replica = 1}, everything);
}

} // namespace

/// Input: a key as a client sends it, and at once the changes made to one of ours.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::as_text(data, size);
    check_any_key(bytes);
    const auto key = proxy::seal_cancel_key(secrets, target);
    fuzz::require(key.has_value(), "the target fits");
    const auto other = changed(*key, bytes);
    const auto opened = proxy::open_cancel_key(secrets, other);
    fuzz::require((opened == target) == (other == *key), "only the key itself opens");
    fuzz::require(!opened || opened == target, "nothing else is ever found in it");
    return 0;
}
