#include "proxy/tls/server_context.hpp"

#include "proxy/tls/certificate.hpp"

#include <openssl/asn1.h>

#include <array>
#include <new>

namespace wakegate::tls {
namespace {

/// As libpq offers it: one name, its length in front (RFC 7301, 3.1).
constexpr std::array<unsigned char, 11> postgresql{
    10, 'p', 'o', 's', 't', 'g', 'r', 'e', 's', 'q', 'l'
};

/// Refuses a client that offers protocols, but not this one (RFC 7301, 3.2): it wants another
/// server, or has been redirected here by an attacker.
int choose_protocol(
    SSL* /*ssl*/,
    const unsigned char** chosen,
    unsigned char* size,
    const unsigned char* offered,
    unsigned int offered_size,
    void* /*self*/
) {
    unsigned char* selected = nullptr;
    const int result = SSL_select_next_proto(
        &selected, size, postgresql.data(), postgresql.size(), offered, offered_size
    );
    *chosen = selected;
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

context_pointer make_context() {
    context_pointer owned(SSL_CTX_new(TLS_server_method()));
    if (owned == nullptr) {
        throw std::bad_alloc();
    }
    auto* const context = owned.get();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    // A missing close_notify makes no difference to this protocol: messages carry their length, and
    // an open transaction is rolled back either way.
    SSL_CTX_set_options(
        context,
        SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF
    );
    // An idle session has no use for 2 x 17 KiB of buffers.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1); // else two reads for each record
    // Tickets keep resumption with the client; one is enough for one reconnect.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
    constexpr std::array<unsigned char, 8> session_owner{'w', 'a', 'k', 'e', 'g', 'a', 't', 'e'};
    SSL_CTX_set_session_id_context(context, session_owner.data(), session_owner.size());
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    return owned;
}

} // namespace

server_context::server_context(const listener_settings& settings) {
    for (const auto& files : find_key_pairs(settings)) {
        auto owned = make_context();
        auto* const context = owned.get();
        load_key_pair(*context, files);
        if (!settings.client_ca.empty()) {
            require_client_certificate(*context, settings.client_ca);
        }
        for (auto& name : dns_names_of(*SSL_CTX_get0_certificate(context))) {
            by_name_.try_emplace(std::move(name), context);
        }
        const auto* const key = settings.directory.empty() ? "certificate" : "directory";
        expiries_.push_back(own_expiry(*context, key, files.certificate));
        contexts_.push_back(std::move(owned));
    }
    auto* const first = contexts_.front().get();
    if (!settings.client_ca.empty()) {
        expiries_.push_back(authorities_expiry(*first, "client_ca", settings.client_ca));
    }
    // SSL_CTX_set_tlsext_servername_callback, without its cast in the style of C.
    SSL_CTX_callback_ctrl(
        first,
        SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
        reinterpret_cast<void (*)()>(&server_context::choose_certificate)
    );
    SSL_CTX_set_tlsext_servername_arg(first, this);
}

std::unique_ptr<tls_stream> server_context::open(int descriptor) const {
    ssl_pointer ssl(SSL_new(contexts_.front().get()));
    if (ssl != nullptr) {
        SSL_set_accept_state(ssl.get());
    }
    return std::make_unique<tls_stream>(std::move(ssl), descriptor);
}

std::string server_context::not_after() const {
    const ASN1_TIME* first = nullptr;
    for (const auto& context : contexts_) {
        const auto* const end = X509_get0_notAfter(SSL_CTX_get0_certificate(context.get()));
        if (first == nullptr || ASN1_TIME_compare(end, first) < 0) {
            first = end;
        }
    }
    return to_text(first);
}

std::vector<std::string> server_context::fingerprints() const {
    std::vector<std::string> hashes;
    hashes.reserve(contexts_.size());
    for (const auto& context : contexts_) {
        hashes.push_back(sha256_of(*SSL_CTX_get0_certificate(context.get())));
    }
    return hashes;
}

SSL_CTX& server_context::context_for(std::string_view server_name) const {
    auto found = by_name_.find(server_name);
    if (found == by_name_.end()) {
        // A wildcard stands for one whole label, the first (RFC 6125, 6.4.3).
        const auto dot = server_name.find('.');
        const auto rest = dot == std::string_view::npos ? "" : server_name.substr(dot);
        found = by_name_.find("*" + std::string(rest));
    }
    return found == by_name_.end() ? *contexts_.front() : *found->second;
}

int server_context::choose_certificate(SSL* ssl, int*, void* self) {
    const char* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name == nullptr) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    auto& chosen =
        static_cast<const server_context*>(self)->context_for(normalize_server_name(name));
    // It fails only without memory; then the first certificate is shown.
    SSL_set_SSL_CTX(ssl, &chosen);
    return SSL_TLSEXT_ERR_OK;
}

} // namespace wakegate::tls
