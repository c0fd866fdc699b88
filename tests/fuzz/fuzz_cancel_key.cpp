#include "proxy/cancel/keys/sealed_key.hpp"
#include "proxy/cancel/keys/short_key.hpp"
#include "proxy/wire/bytes.hpp"
#include "tests/fuzz/require.hpp"
#include "tests/support/named_endpoints.hpp"

#include <algorithm>

using namespace wakegate;

namespace {

const proxy::cancel_secrets secrets(std::string(32, 's'));
support::named_endpoints endpoints;
const proxy::cancel_target target{
    .endpoint = endpoints.find("app"),
    .server = {boost::asio::ip::make_address("192.0.2.1"), 5432},
    .backend_key = "pid!" + std::string(32, 'k'),
};

std::optional<proxy::cancel_target> open(std::string_view key) {
    const auto find = [](std::string_view name) { return endpoints.find(name); };
    return proxy::open_cancel_key(secrets, key, find);
}

/// `key` XOR `changes`.
std::string changed(std::string key, std::string_view changes) {
    for (std::size_t i = 0; i < std::min(key.size(), changes.size()); ++i) {
        key[i] = static_cast<char>(key[i] ^ changes[i]);
    }
    return key;
}

void check_any_key(std::string_view key) {
    fuzz::require(!open(key), "nobody can make a sealed key");
    const bool verified = proxy::verify_short_key(secrets, key);
    const bool has_size = key.size() == 8;
    fuzz::require(!verified || has_size, "a short key has eight bytes");
    if (has_size) {
        const auto nonce = wire::load_uint32(key, 4) >> 12;
        const auto short_key = proxy::make_short_key(secrets, key.substr(0, 4), nonce);
        fuzz::require(verified == (short_key == key), "verified is what we make");
    }
}

} // namespace

/// Input: a key as a client sends it, also used as changes to one of our keys.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::as_text(data, size);
    check_any_key(bytes);
    const auto key = proxy::seal_cancel_key(secrets, "app", target);
    fuzz::require(key.has_value(), "the target fits");
    const auto other = changed(*key, bytes);
    const auto opened = open(other);
    fuzz::require((opened == target) == (other == *key), "only the key itself opens");
    fuzz::require(!opened || opened == target, "nothing else is ever found in it");
    return 0;
}
