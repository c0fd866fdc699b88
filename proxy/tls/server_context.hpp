#pragma once

#include "proxy/tls/certificate_expiry.hpp"
#include "proxy/tls/listener_settings.hpp"
#include "proxy/tls/openssl.hpp"
#include "proxy/tls/tls_stream.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::tls {

/// A listener's side of TLS: one certificate, or several from which the client's server name (SNI)
/// selects one. TLS 1.2 and later; ALPN "postgresql" for clients that offer any protocol; session
/// tickets, whose keys live as long as this does.
///
/// Immutable, any thread. Must outlive the handshakes, but not the streams, that it has opened.
class server_context {
public:
    /// Reads the files. Throws `configuration_error` that names the file and the remedy.
    explicit server_context(const listener_settings& settings);
    server_context(const server_context&) = delete;
    server_context& operator=(const server_context&) = delete;

    /// A stream at the start of its handshake.
    [[nodiscard]] std::unique_ptr<tls_stream> open(int descriptor) const;

    /// When the first of the certificates expires, "Feb 20 12:00:00 2027 GMT".
    [[nodiscard]] std::string not_after() const;

    /// Of each file of certificates, that of `client_ca` among them.
    [[nodiscard]] const std::vector<certificate_expiry>& expiries() const noexcept {
        return expiries_;
    }

    /// Of each certificate, its `sha256_of`.
    [[nodiscard]] std::vector<std::string> fingerprints() const;

    [[nodiscard]] std::size_t certificates() const noexcept { return contexts_.size(); }

private:
    [[nodiscard]] SSL_CTX& context_for(std::string_view server_name) const;
    static int choose_certificate(SSL* ssl, int* alert, void* self);

    std::vector<context_pointer> contexts_; ///< the first is for clients that name no known server
    std::map<std::string, SSL_CTX*, std::less<>> by_name_;
    std::vector<certificate_expiry> expiries_;
};

} // namespace wakegate::tls
