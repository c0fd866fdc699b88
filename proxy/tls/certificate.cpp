#include "proxy/tls/certificate.hpp"

#include "common/configuration_error.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

namespace wakegate::tls {
namespace {

/// Names the cause of a missing or empty file, which OpenSSL's errors obscure.
void require_readable(const std::string& file) {
    errno = 0;
    std::ifstream opened(file);
    if (!opened || opened.peek() == std::ifstream::traits_type::eof()) {
        const auto reason =
            errno == 0 ? "empty" : std::error_code(errno, std::generic_category()).message();
        throw configuration_error(file + ": " + reason);
    }
}

/// Whether the file has a PEM block whose label ends with `label`: "CERTIFICATE", or a key's.
bool contains_pem(const std::string& file, std::string_view label) {
    const bio_pointer opened(BIO_new_file(file.c_str(), "r"));
    bool found = false;
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    while (!found && opened != nullptr &&
           PEM_read_bio(opened.get(), &name, &header, &data, &size) == 1) {
        found = std::string_view(name).ends_with(label);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(data, static_cast<std::size_t>(size));
    }
    ERR_clear_error();
    return found;
}

/// Replaces OpenSSL's callback, which would prompt on the terminal. Records that it was called.
int refuse_passphrase(char*, int, int, void* called) {
    *static_cast<bool*>(called) = true;
    return -1;
}

void load_key(SSL_CTX& context, const key_pair_files& files) {
    require_readable(files.key);
    ERR_clear_error();
    bool is_protected = false;
    SSL_CTX_set_default_passwd_cb(&context, refuse_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(&context, &is_protected);
    const bool loaded =
        SSL_CTX_use_PrivateKey_file(&context, files.key.c_str(), SSL_FILETYPE_PEM) == 1;
    SSL_CTX_set_default_passwd_cb_userdata(&context, nullptr);
    if (loaded) {
        return;
    }
    const auto error = ERR_peek_error();
    if (ERR_GET_LIB(error) == ERR_LIB_X509) {
        ERR_clear_error();
        throw configuration_error(
            files.key + ": not the key of " + files.certificate + "; replace both files together"
        );
    }
    if (is_protected) {
        ERR_clear_error();
        throw configuration_error(
            files.key + ": protected by a passphrase; give the key without one (openssl pkey)"
        );
    }
    const auto reason = take_openssl_error();
    if (contains_pem(files.key, "CERTIFICATE")) {
        throw configuration_error(
            files.key + ": holds a certificate, not a private key; give the key's file"
        );
    }
    throw configuration_error(files.key + ": no private key in PEM format (" + reason + ")");
}

std::string lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char each) {
        return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
    });
    return text;
}

std::string text_of(const ASN1_STRING& string) {
    const auto* const bytes = ASN1_STRING_get0_data(&string);
    return {
        reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(ASN1_STRING_length(&string))
    };
}

} // namespace

void load_key_pair(SSL_CTX& context, const key_pair_files& files) {
    require_readable(files.certificate);
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(&context, files.certificate.c_str()) != 1) {
        const auto reason = take_openssl_error();
        if (contains_pem(files.certificate, "PRIVATE KEY")) {
            const bool swapped = contains_pem(files.key, "CERTIFICATE");
            throw configuration_error(
                files.certificate + ": holds a private key, not a certificate; " +
                (swapped ? "certificate and key are swapped" : "give the certificate's file")
            );
        }
        throw configuration_error(
            files.certificate + ": no certificate in PEM format (" + reason + ")"
        );
    }
    load_key(context, files);
}

void require_client_certificate(SSL_CTX& context, const std::string& authorities) {
    load_authorities(context, authorities);
    SSL_CTX_set_client_CA_list(&context, SSL_load_client_CA_file(authorities.c_str()));
    SSL_CTX_set_verify(&context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

void load_authorities(SSL_CTX& context, const std::string& authorities) {
    require_readable(authorities);
    ERR_clear_error();
    if (SSL_CTX_load_verify_locations(&context, authorities.c_str(), nullptr) != 1) {
        throw configuration_error(
            authorities + ": no certificates in PEM format (" + take_openssl_error() + ")"
        );
    }
}

std::string common_name_of(X509& certificate) {
    const auto* const subject = X509_get_subject_name(&certificate);
    const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    const auto* const entry = index < 0 ? nullptr : X509_NAME_get_entry(subject, index);
    return entry == nullptr ? std::string() : text_of(*X509_NAME_ENTRY_get_data(entry));
}

std::vector<std::string> dns_names_of(X509& certificate) {
    std::vector<std::string> names;
    auto* const alternatives = static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)
    );
    for (int i = 0; i < sk_GENERAL_NAME_num(alternatives); ++i) {
        const auto* const each = sk_GENERAL_NAME_value(alternatives, i);
        if (each->type == GEN_DNS) {
            names.push_back(normalize_server_name(text_of(*each->d.dNSName)));
        }
    }
    GENERAL_NAMES_free(alternatives);
    if (names.empty()) {
        names.push_back(normalize_server_name(common_name_of(certificate)));
    }
    return names;
}

std::vector<std::string> client_names_of(X509& certificate) {
    std::vector<std::string> names;
    const auto add = [&names](const ASN1_STRING& string) {
        auto name = text_of(string);
        if (!name.empty() && name.find('\0') == std::string::npos) {
            names.push_back(std::move(name));
        }
    };
    const auto* const subject = X509_get_subject_name(&certificate);
    int index = -1;
    while ((index = X509_NAME_get_index_by_NID(subject, NID_commonName, index)) >= 0) {
        add(*X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
    }
    auto* const alternatives = static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)
    );
    for (int i = 0; i < sk_GENERAL_NAME_num(alternatives); ++i) {
        const auto* const each = sk_GENERAL_NAME_value(alternatives, i);
        if (each->type == GEN_DNS) {
            add(*each->d.dNSName);
        } else if (each->type == GEN_EMAIL) {
            add(*each->d.rfc822Name);
        }
    }
    GENERAL_NAMES_free(alternatives);
    return names;
}

std::string end_point_hash(X509& certificate) {
    int hash = NID_undef;
    if (X509_get_signature_info(&certificate, &hash, nullptr, nullptr, nullptr) != 1) {
        return {};
    }
    const bool is_too_weak = hash == NID_md5 || hash == NID_sha1;
    const auto* const digest = is_too_weak ? EVP_sha256() : EVP_get_digestbynid(hash);
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    if (digest == nullptr || X509_digest(&certificate, digest, bytes.data(), &size) != 1) {
        return {};
    }
    return {reinterpret_cast<const char*>(bytes.data()), size};
}

std::string sha256_of(X509& certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    if (X509_digest(&certificate, EVP_sha256(), bytes.data(), &size) != 1) {
        return {};
    }
    return {reinterpret_cast<const char*>(bytes.data()), size};
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string shown;
    for (const char each : bytes) {
        const auto byte = static_cast<unsigned char>(each);
        shown += digits[byte >> 4];
        shown += digits[byte & 15U];
    }
    return shown;
}

std::string to_text(const ASN1_TIME* time) {
    const bio_pointer printed(BIO_new(BIO_s_mem()));
    std::array<char, 64> text{};
    if (printed == nullptr || ASN1_TIME_print(printed.get(), time) != 1) {
        return {};
    }
    const int size = BIO_read(printed.get(), text.data(), text.size());
    return {text.data(), static_cast<std::size_t>(size < 0 ? 0 : size)};
}

std::string normalize_server_name(std::string_view name) {
    if (name.ends_with('.')) {
        name.remove_suffix(1);
    }
    return lower_case(std::string(name));
}

} // namespace wakegate::tls
