#include "proxy/auth/scram_keys.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>

namespace wakegate::auth {

namespace {

static_assert(scram_key::size == SHA256_DIGEST_LENGTH);

const unsigned char* as_unsigned(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

void check_openssl(bool done, const char* function) {
    if (!done) {
        throw std::runtime_error(std::string("OpenSSL failed in ") + function);
    }
}

struct openssl_free {
    void operator()(EVP_MD* owned) const noexcept { EVP_MD_free(owned); }

    void operator()(EVP_MAC* owned) const noexcept { EVP_MAC_free(owned); }

    void operator()(EVP_MAC_CTX* owned) const noexcept { EVP_MAC_CTX_free(owned); }
};

using mac_context = std::unique_ptr<EVP_MAC_CTX, openssl_free>;

/// OpenSSL looks algorithms up by name, which takes longer than the hashing, so that is done once.
struct algorithm_set {
    std::unique_ptr<EVP_MD, openssl_free> sha256{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
    std::unique_ptr<EVP_MAC, openssl_free> hmac{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};

    /// For HMAC-SHA256, without a key.
    [[nodiscard]] mac_context new_mac() const {
        std::string digest = "SHA256";
        const std::array<OSSL_PARAM, 2> parameters{
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), digest.size()),
            OSSL_PARAM_construct_end()
        };
        mac_context context(EVP_MAC_CTX_new(hmac.get()));
        check_openssl(context != nullptr, "EVP_MAC_CTX_new");
        check_openssl(
            EVP_MAC_CTX_set_params(context.get(), parameters.data()) == 1, "EVP_MAC_CTX_set_params"
        );
        return context;
    }
};

const algorithm_set& algorithms() {
    static const algorithm_set fetched;
    check_openssl(fetched.sha256 != nullptr && fetched.hmac != nullptr, "EVP_fetch");
    return fetched;
}

} // namespace

scram_key hash(std::string_view bytes) {
    scram_key result;
    const int done = EVP_Digest(
        bytes.data(), bytes.size(), result.data(), nullptr, algorithms().sha256.get(), nullptr
    );
    check_openssl(done == 1, "EVP_Digest");
    return result;
}

scram_key hmac(std::string_view key, std::string_view bytes) {
    // Keeps state derived from the key until the next call. The salted password never stays: no
    // login ends with an HMAC under it.
    thread_local const mac_context context = algorithms().new_mac();
    scram_key result;
    std::size_t size = 0;
    const bool done = EVP_MAC_init(context.get(), as_unsigned(key), key.size(), nullptr) == 1 &&
                      EVP_MAC_update(context.get(), as_unsigned(bytes), bytes.size()) == 1 &&
                      EVP_MAC_final(context.get(), result.data(), &size, scram_key::size) == 1;
    check_openssl(done && size == scram_key::size, "EVP_MAC");
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
    check_openssl(done == 1, "PKCS5_PBKDF2_HMAC");
    return result;
}

scram_key client_key_of(const scram_key& salted) {
    return hmac(salted.view(), "Client Key");
}

scram_key server_key_of(const scram_key& salted) {
    return hmac(salted.view(), "Server Key");
}

} // namespace wakegate::auth
