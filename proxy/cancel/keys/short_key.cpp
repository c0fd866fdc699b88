#include "proxy/cancel/keys/short_key.hpp"

#include "proxy/wire/bytes.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cassert>
#include <optional>

namespace wakegate::proxy {
namespace {

constexpr std::size_t process_id_size = 4;
constexpr std::size_t key_size = 8;
constexpr int check_bits = 12;
constexpr std::uint32_t check_mask = (1U << check_bits) - 1;
constexpr std::string_view label = "wakegate short cancel key";

/// Nothing when OpenSSL fails.
std::optional<std::uint32_t>
check_of(const cancel_secret& secret, std::string_view process_id, std::uint32_t nonce) {
    auto text = std::string(label) + std::string(process_id);
    wire::append_uint32(text, nonce);
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned int size = 0;
    const auto* const computed = HMAC(
        EVP_sha256(),
        secret.signing.data(),
        static_cast<int>(secret.signing.size()),
        reinterpret_cast<const unsigned char*>(text.data()),
        text.size(),
        mac.data(),
        &size
    );
    if (computed == nullptr) {
        return std::nullopt;
    }
    return (std::uint32_t{mac[0]} << 8 | mac[1]) >> (16 - check_bits);
}

} // namespace

std::string
make_short_key(const cancel_secrets& secrets, std::string_view process_id, std::uint32_t nonce) {
    assert(process_id.size() == process_id_size && nonce <= max_short_key_nonce);
    const auto check = check_of(secrets.current(), process_id, nonce);
    std::string key(process_id);
    wire::append_uint32(key, nonce << check_bits | check.value_or(0));
    return key;
}

bool verify_short_key(const cancel_secrets& secrets, std::string_view key) {
    if (key.size() != key_size) {
        return false;
    }
    const auto process_id = key.substr(0, process_id_size);
    const auto secret_part = wire::load_uint32(key, process_id_size);
    bool fits = false;
    for (const auto& secret : secrets.all()) { // always both: time must not reveal which fits
        const auto check = check_of(secret, process_id, secret_part >> check_bits);
        fits |= check && (*check ^ (secret_part & check_mask)) == 0;
    }
    return fits;
}

} // namespace wakegate::proxy
