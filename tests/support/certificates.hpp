#pragma once

#include "proxy/tls/openssl.hpp"
#include "tests/support/temporary_folder.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Certificates made by the tests themselves.
namespace wakegate::support {

using key_pointer = std::unique_ptr<EVP_PKEY, tls::freed_with<EVP_PKEY_free>>;

inline void require(bool happened, const char* problem) {
    if (!happened) {
        throw std::runtime_error(problem);
    }
}

struct identity {
    tls::certificate_pointer certificate;
    key_pointer key;

    [[nodiscard]] std::string certificate_pem() const {
        const tls::bio_pointer out(BIO_new(BIO_s_mem()));
        require(PEM_write_bio_X509(out.get(), certificate.get()) == 1, "no PEM");
        return content_of(out.get());
    }

    /// `passphrase`: empty for none.
    [[nodiscard]] std::string key_pem(std::string passphrase = {}) const {
        const tls::bio_pointer out(BIO_new(BIO_s_mem()));
        const auto* const cipher = passphrase.empty() ? nullptr : EVP_aes_256_cbc();
        require(
            PEM_write_bio_PrivateKey(
                out.get(), key.get(), cipher, nullptr, 0, nullptr, passphrase.data()
            ) == 1,
            "no PEM"
        );
        return content_of(out.get());
    }

    static std::string content_of(BIO* memory) {
        char* data = nullptr;
        const long size = BIO_get_mem_data(memory, &data);
        return {data, static_cast<std::size_t>(size)};
    }
};

struct certificate_wishes {
    std::string common_name = "wakegate test";
    std::vector<std::string> names = {}; ///< subjectAltName
    const char* key = "P-256";           ///< or "RSA", "RSA-PSS", "ED25519"
    const EVP_MD* digest = EVP_sha256(); ///< of the signature
    const identity* issuer = nullptr;    ///< null: self-signed
    bool authority = false;
    long valid_until = 24L * 60 * 60; ///< seconds from now
};

inline key_pointer make_key(std::string_view kind) {
    if (kind == "RSA") {
        return key_pointer(EVP_RSA_gen(2048));
    }
    if (kind == "ED25519") {
        return key_pointer(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    }
    return key_pointer(EVP_EC_gen("P-256"));
}

inline void add_extension(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    auto* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, "no extension");
    X509_EXTENSION_free(extension);
}

inline identity make_identity(const certificate_wishes& wishes = {}) {
    static long serial = 1;
    identity result{tls::certificate_pointer(X509_new()), make_key(wishes.key)};
    auto* const certificate = result.certificate.get();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -24L * 60 * 60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), wishes.valid_until);
    X509_set_pubkey(certificate, result.key.get());
    auto* const subject = X509_get_subject_name(certificate);
    const auto* const name = reinterpret_cast<const unsigned char*>(wishes.common_name.c_str());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0);
    const auto& issuer = wishes.issuer == nullptr ? result : *wishes.issuer;
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer.certificate.get()));
    if (wishes.authority) {
        add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
    }
    std::string names;
    for (const auto& each : wishes.names) {
        names += (names.empty() ? "DNS:" : ",DNS:") + each;
    }
    if (!names.empty()) {
        add_extension(certificate, NID_subject_alt_name, names);
    }
    require(X509_sign(certificate, issuer.key.get(), wishes.digest) > 0, "not signed");
    return result;
}

/// tls.crt and tls.key in `folder` of `parent`, as cert-manager writes them.
inline void
write_pair(const temporary_folder& parent, const std::string& folder, const identity& subject) {
    parent.write(folder + "/tls.crt", subject.certificate_pem());
    parent.write(folder + "/tls.key", subject.key_pem());
}

} // namespace wakegate::support
