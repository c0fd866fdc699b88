#include "proxy/auth/scram_keys.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <stdexcept>

namespace wakegate::auth {

namespace {

static_assert(scram_key::size == SHA256_DIGEST_LENGTH);

const unsigned char* as_unsigned(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

void demand(bool done, const char* what) {
    if (!done) {
        throw std::runtime_error(std::string("OpenSSL failed in ") + what);
    }
}

} // namespace

scram_key hash(std::string_view bytes) {
    scram_key result;
    demand(SHA256(as_unsigned(bytes), bytes.size(), result.data()) != nullptr, "SHA256");
    return result;
}

scram_key hmac(std::string_view key, std::string_view bytes) {
    scram_key result;
    const auto* const done = HMAC(
        EVP_sha256(),
        key.data(),
        static_cast<int>(key.size()),
        as_unsigned(bytes),
        bytes.size(),
        result.data(),
        nullptr
    );
    demand(done != nullptr, "HMAC");
    return result;
}

scram_key exclusive_or(const scram_key& one, const scram_key& other) noexcept {
    scram_key result;
    for (std::size_t at = 0; at < scram_key::size; ++at) {
        const auto bits =
            static_cast<unsigned>(one.view()[at]) ^ static_cast<unsigned>(other.view()[at]);
        result.data()[at] = static_cast<unsigned char>(bits);
    }
    return result;
}

scram_key
salted_password(std::string_view password, std::string_view salt, std::uint32_t iterations) {
    scram_key result;
    const int done = PKCS5_PBKDF2_HMAC(
        password.data(),
        static_cast<int>(password.size()),
        as_unsigned(salt),
        static_cast<int>(salt.size()),
        static_cast<int>(iterations),
        EVP_sha256(),
        scram_key::size,
        result.data()
    );
    demand(done == 1, "PKCS5_PBKDF2_HMAC");
    return result;
}

scram_key client_key_of(const scram_key& salted) {
    return hmac(salted.view(), "Client Key");
}

scram_key server_key_of(const scram_key& salted) {
    return hmac(salted.view(), "Server Key");
}

} // namespace wakegate::auth
