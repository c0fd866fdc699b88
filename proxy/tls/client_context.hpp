#pragma once

#include "proxy/tls/backend_settings.hpp"
#include "proxy/tls/certificate_expiry.hpp"
#include "proxy/tls/openssl.hpp"
#include "proxy/tls/tls_stream.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace wakegate::tls {

/// TLS to a server, as its client: TLS 1.2 and later, the server's name (SNI), ALPN "postgresql",
/// the proxy's own certificate if there is one, and the checks of the server's. When one fails, so
/// does the handshake; the stream's `failure` says why.
///
/// Immutable, any thread. Must outlive the handshakes, but not the streams, that it has opened.
class client_context {
public:
    /// Reads the files. Throws `configuration_error` that names the file and the remedy.
    explicit client_context(backend_settings settings);
    client_context(const client_context&) = delete;
    client_context& operator=(const client_context&) = delete;

    /// A stream at the start of its handshake with `host`, a name or an address.
    [[nodiscard]] std::unique_ptr<tls_stream> open(int descriptor, const std::string& host) const;

    /// The last day of the proxy's own certificate, "Feb 20 12:00:00 2027 GMT"; empty without one.
    [[nodiscard]] std::string not_after() const;

    /// Of the proxy's own; none without one.
    [[nodiscard]] const std::vector<certificate_expiry>& expiries() const noexcept {
        return expiries_;
    }

    /// The proxy's own.
    [[nodiscard]] std::size_t certificates() const noexcept {
        return settings_.certificate.empty() ? 0 : 1;
    }

private:
    static int verify_certificate(X509_STORE_CTX* presented, void* self);

    struct certificate_error {
        std::string reason; ///< for the log
    };

    [[nodiscard]] boost::system::result<void, certificate_error>
    check_certificate(X509_STORE_CTX& presented) const;

    backend_settings settings_;
    context_pointer context_;
    std::vector<certificate_expiry> expiries_;
};

} // namespace wakegate::tls
