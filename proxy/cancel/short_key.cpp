#include "proxy/cancel/short_key.hpp"

#include "proxy/wire/bytes.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cassert>

namespace wakegate::proxy {
namespace {

constexpr std::size_t half_size = 4;
constexpr std::size_t key_size = 2 * half_size;
constexpr int session_bits = 22;
constexpr std::uint32_t sign_bit = 1U << 31;
constexpr std::string_view label = "wakegate short cancel key";

/// The first 32 bits of the HMAC; empty when OpenSSL fails, which fits nothing.
std::string mac_of(const cancel_secret& secret, std::string_view numbers) {
    const auto text = std::string(label) + std::string(numbers);
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned int size = 0;
    const auto* const made = HMAC(
        EVP_sha256(),
        secret.signing.data(),
        static_cast<int>(secret.signing.size()),
        reinterpret_cast<const unsigned char*>(text.data()),
        text.size(),
        mac.data(),
        &size
    );
    return made == nullptr ? std::string() : std::string(mac.begin(), mac.begin() + half_size);
}

} // namespace

std::string make_short_key(const cancel_secrets& secrets, const short_key& whose) {
    assert(whose.replica <= short_key::max_replica);
    assert(whose.session > 0 && whose.session <= short_key::max_session);
    std::string key;
    wire::append_uint32(key, whose.replica << session_bits | whose.session);
    return key + mac_of(secrets.current(), key);
}

std::optional<parsed_short_key>
parse_short_key(const cancel_secrets& secrets, std::string_view key) {
    if (key.size() != key_size) {
        return std::nullopt;
    }
    const auto numbers = wire::load_uint32(key);
    const auto session = numbers & short_key::max_session;
    if ((numbers & sign_bit) != 0 || session == 0) {
        return std::nullopt;
    }
    parsed_short_key found{.whose = {.replica = numbers >> session_bits, .session = session}};
    for (const auto& secret : secrets.all()) { // both, always: time must not tell which fitted
        const auto mac = mac_of(secret, key.substr(0, half_size));
        const bool fits = mac.size() == half_size &&
                          CRYPTO_memcmp(mac.data(), key.data() + half_size, half_size) == 0;
        found.authentic |= fits;
    }
    return found;
}

} // namespace wakegate::proxy
