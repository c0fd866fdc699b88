#include "proxy/cancel/keys/cancel_secrets.hpp"

#include "common/configuration_error.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>

namespace wakegate::proxy {
namespace {

template <auto free> struct freed_by {
    template <typename T> void operator()(T* owned) const noexcept { free(owned); }
};

using kdf = std::unique_ptr<EVP_KDF, freed_by<EVP_KDF_free>>;
using kdf_context = std::unique_ptr<EVP_KDF_CTX, freed_by<EVP_KDF_CTX_free>>;

/// To be changed with the format of keys, so that old and new ones never mix.
constexpr std::string_view keys_purpose = "wakegate cancel keys, version 2";
constexpr std::string_view mock_auth_purpose = "wakegate salts of unknown roles, version 1";

OSSL_PARAM octets(const char* name, std::string_view value) {
    // OpenSSL only reads it; OSSL_PARAM is for output, too.
    return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(value.data()), value.size());
}

template <std::size_t Size>
std::array<unsigned char, Size> expand(std::string_view secret, std::string_view purpose) {
    std::string digest = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
        octets(OSSL_KDF_PARAM_KEY, secret),
        octets(OSSL_KDF_PARAM_INFO, purpose),
        OSSL_PARAM_construct_end(),
    };
    std::array<unsigned char, Size> derived{};
    const kdf hkdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    const kdf_context context(EVP_KDF_CTX_new(hkdf.get()));
    if (!context ||
        EVP_KDF_derive(context.get(), derived.data(), derived.size(), parameters) != 1) {
        throw std::runtime_error("OpenSSL offers no HKDF with SHA-256");
    }
    return derived;
}

void require_long_enough(std::string_view secret_name, std::string_view secret) {
    if (secret.size() < cancel_secrets::min_size) {
        throw configuration_error(
            "the " + std::string(secret_name) + " cancel secret has " +
            std::to_string(secret.size()) + " bytes, at least " +
            std::to_string(cancel_secrets::min_size) +
            " random ones are needed; `openssl rand -hex 32` makes them"
        );
    }
}

} // namespace

cancel_secret::cancel_secret(std::string_view secret) {
    auto all = expand<sizeof(id) + sizeof(sealing) + sizeof(signing)>(secret, keys_purpose);
    const auto* const sealing_at = all.data() + id.size();
    const auto* const signing_at = sealing_at + sealing.size();
    std::copy_n(all.data(), id.size(), id.data());
    std::copy_n(sealing_at, sealing.size(), sealing.data());
    std::copy_n(signing_at, signing.size(), signing.data());
    OPENSSL_cleanse(all.data(), all.size());
    mock_auth_key = expand<sizeof(mock_auth_key)>(secret, mock_auth_purpose);
}

cancel_secret::~cancel_secret() {
    OPENSSL_cleanse(sealing.data(), sealing.size());
    OPENSSL_cleanse(signing.data(), signing.size());
    OPENSSL_cleanse(mock_auth_key.data(), mock_auth_key.size());
}

cancel_secrets::cancel_secrets(std::string_view current, std::string_view previous) {
    require_long_enough("current", current);
    all_.reserve(2);
    all_.emplace_back(current);
    if (previous.empty()) {
        return;
    }
    require_long_enough("previous", previous);
    if (previous == current) {
        throw configuration_error("the previous cancel secret is the current one; leave it out");
    }
    all_.emplace_back(previous);
}

} // namespace wakegate::proxy
