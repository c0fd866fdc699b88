#include "proxy/tls/client_context.hpp"

#include "proxy/tls/certificate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/x509v3.h>

#include <array>
#include <new>
#include <string_view>
#include <utility>

#include <arpa/inet.h>

namespace wakegate::tls {
namespace {

/// As libpq 17 offers it: one name, its length in front (RFC 7301, 3.1). Older servers ignore it.
constexpr std::array<unsigned char, 11> postgresql{
    10, 'p', 'o', 's', 't', 'g', 'r', 'e', 's', 'q', 'l'
};

/// RFC 6066, 3: addresses are no server names.
bool is_address(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> parsed{};
    return ::inet_pton(AF_INET, host.c_str(), parsed.data()) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), parsed.data()) == 1;
}

context_pointer make_context() {
    context_pointer owned(SSL_CTX_new(TLS_client_method()));
    if (owned == nullptr) {
        throw std::bad_alloc();
    }
    auto* const context = owned.get();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    // As on the client's leg, see server_context.
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_protos(context, postgresql.data(), postgresql.size());
    return owned;
}

bool is_chain_without_an_anchor(int error) {
    return error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
           error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
           error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
           error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
           error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
}

std::string name_wanted_of(X509_STORE_CTX& presented) {
    auto* const wanted = X509_STORE_CTX_get0_param(&presented);
    if (const char* const host = X509_VERIFY_PARAM_get0_host(wanted, 0)) {
        return host;
    }
    char* const address = X509_VERIFY_PARAM_get1_ip_asc(wanted);
    std::string name = address == nullptr ? "" : address;
    OPENSSL_free(address);
    return name;
}

/// OpenSSL's verification error in `presented`, with what was expected and what the server showed.
std::string describe_verify_error(X509_STORE_CTX& presented, const std::string& authorities) {
    const int error = X509_STORE_CTX_get_error(&presented);
    auto* const current = X509_STORE_CTX_get_current_cert(&presented);
    const std::string_view whose = X509_STORE_CTX_get_error_depth(&presented) == 0
                                       ? "the server's certificate"
                                       : "a certificate above the server's";
    if (error == X509_V_ERR_CERT_HAS_EXPIRED && current != nullptr) {
        return fmt::format("{} has expired ({})", whose, to_text(X509_get0_notAfter(current)));
    }
    if (error == X509_V_ERR_CERT_NOT_YET_VALID && current != nullptr) {
        const auto begin = to_text(X509_get0_notBefore(current));
        return fmt::format("{} is not valid before {}", whose, begin);
    }
    if (error == X509_V_ERR_HOSTNAME_MISMATCH || error == X509_V_ERR_IP_ADDRESS_MISMATCH) {
        auto* const leaf = X509_STORE_CTX_get0_cert(&presented);
        const auto names = fmt::format("{}", fmt::join(dns_names_of(*leaf), ", "));
        return fmt::format(
            "the server's certificate is for {}, not for {}", names, name_wanted_of(presented)
        );
    }
    if (is_chain_without_an_anchor(error)) {
        return fmt::format(
            "the server's certificate is signed by nobody in {} ({})",
            authorities,
            X509_verify_cert_error_string(error)
        );
    }
    return fmt::format("{}: {}", whose, X509_verify_cert_error_string(error));
}

} // namespace

client_context::client_context(backend_settings settings)
    : settings_(std::move(settings)), context_(make_context()) {
    auto* const context = context_.get();
    if (!settings_.certificate.empty()) {
        load_key_pair(*context, {settings_.certificate, settings_.key});
        expiries_.push_back(own_expiry(*context, "certificate", settings_.certificate));
    }
    if (settings_.verifies()) {
        load_authorities(*context, settings_.ca);
    }
    if (settings_.verifies() || !settings_.pin.empty()) {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
        SSL_CTX_set_cert_verify_callback(context, &client_context::verify_certificate, this);
    }
}

std::unique_ptr<tls_stream> client_context::open(int descriptor, const std::string& host) const {
    ssl_pointer ssl(SSL_new(context_.get()));
    if (ssl == nullptr) {
        throw std::bad_alloc();
    }
    SSL_set_connect_state(ssl.get());
    const auto& name = settings_.server_name.empty() ? host : settings_.server_name;
    auto* const wanted = SSL_get0_param(ssl.get());
    const bool by_address = is_address(name);
    if (!by_address) {
        // SSL_set_tlsext_host_name, without its cast in the style of C.
        auto copy = normalize_server_name(name);
        SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, copy.data());
    }
    if (settings_.mode == backend_mode::verify_full && by_address) {
        X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str());
    } else if (settings_.mode == backend_mode::verify_full) {
        X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        X509_VERIFY_PARAM_set1_host(wanted, normalize_server_name(name).c_str(), 0);
    }
    return std::make_unique<tls_stream>(std::move(ssl), descriptor);
}

std::string client_context::not_after() const {
    auto* const own = SSL_CTX_get0_certificate(context_.get());
    return own == nullptr ? std::string() : to_text(X509_get0_notAfter(own));
}

int client_context::verify_certificate(X509_STORE_CTX* presented, void* self) {
    const int index = SSL_get_ex_data_X509_STORE_CTX_idx();
    auto* const ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(presented, index));
    auto checked = static_cast<const client_context*>(self)->check_certificate(*presented);
    if (checked) {
        return 1;
    }
    if (X509_STORE_CTX_get_error(presented) == X509_V_OK) {
        X509_STORE_CTX_set_error(presented, X509_V_ERR_APPLICATION_VERIFICATION);
    }
    tls_stream::set_verify_error(*ssl, std::move(checked).error().reason);
    return 0;
}

boost::system::result<void, client_context::certificate_error>
client_context::check_certificate(X509_STORE_CTX& presented) const {
    if (settings_.verifies() && X509_verify_cert(&presented) != 1) {
        return certificate_error{describe_verify_error(presented, settings_.ca)};
    }
    auto* const leaf = X509_STORE_CTX_get0_cert(&presented);
    const auto shown = sha256_of(*leaf);
    if (!settings_.pin.empty() && shown != settings_.pin) {
        return certificate_error{
            "the server's certificate is not the pinned one; its SHA-256 is " + to_hex(shown)
        };
    }
    return {};
}

} // namespace wakegate::tls
