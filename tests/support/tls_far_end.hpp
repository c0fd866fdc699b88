#pragma once

#include "proxy/tls/openssl.hpp"
#include "proxy/tls/tls_stream.hpp"
#include "tests/support/certificates.hpp"

#include <openssl/err.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <sys/socket.h>
#include <sys/time.h>

namespace wakegate::support {

struct tls_client_wishes {
    std::string server_name = {}; ///< SNI
    std::string protocols = {};   ///< ALPN, as the wire has it: "\xapostgresql"
    int highest = 0;              ///< TLS1_2_VERSION and the like; 0: OpenSSL's
    const identity* own = nullptr;
    SSL_SESSION* resumed = nullptr;
};

inline const std::string postgresql_alpn = "\xapostgresql";

/// One blocking end of a TLS connection, with OpenSSL alone. Verifies no certificate.
class tls_far_end {
public:
    /// A client. `descriptor` is connected and not owned.
    explicit tls_far_end(int descriptor, const tls_client_wishes& wishes = {})
        : context_(SSL_CTX_new(TLS_client_method())) {
        if (wishes.highest != 0) {
            SSL_CTX_set_max_proto_version(context_.get(), wishes.highest);
        }
        if (wishes.own != nullptr) {
            show(*wishes.own);
        }
        ssl_.reset(SSL_new(context_.get()));
        SSL_set_fd(ssl_.get(), descriptor);
        SSL_set_connect_state(ssl_.get());
        if (!wishes.server_name.empty()) {
            auto name = wishes.server_name; // a copy: OpenSSL takes no const
            SSL_ctrl(
                ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()
            );
        }
        if (!wishes.protocols.empty()) {
            const auto* const list =
                reinterpret_cast<const unsigned char*>(wishes.protocols.data());
            SSL_set_alpn_protos(ssl_.get(), list, static_cast<unsigned>(wishes.protocols.size()));
        }
        if (wishes.resumed != nullptr) {
            SSL_set_session(ssl_.get(), wishes.resumed);
        }
        wait_no_longer_than_a_minute(descriptor);
    }

    /// A server.
    tls_far_end(int descriptor, const identity& own) : context_(SSL_CTX_new(TLS_server_method())) {
        show(own);
        ssl_.reset(SSL_new(context_.get()));
        SSL_set_fd(ssl_.get(), descriptor);
        SSL_set_accept_state(ssl_.get());
        wait_no_longer_than_a_minute(descriptor);
    }

    /// Does the handshake.
    [[nodiscard]] bool connect() {
        ERR_clear_error();
        const bool connected = SSL_do_handshake(ssl_.get()) == 1;
        reason_ = connected ? "" : tls::take_openssl_error();
        return connected;
    }

    void send_all(std::string_view data) {
        ERR_clear_error();
        if (!data.empty() &&
            SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size())) <= 0) {
            throw std::runtime_error("the other end hung up");
        }
    }

    /// Exactly `size` bytes, or fewer when the stream ends.
    [[nodiscard]] std::string receive(std::size_t size) {
        std::string bytes;
        std::array<char, 65536> chunk{};
        ERR_clear_error();
        while (bytes.size() < size) {
            const auto room = std::min(chunk.size(), size - bytes.size());
            const int count = SSL_read(ssl_.get(), chunk.data(), static_cast<int>(room));
            if (count <= 0) {
                said_goodbye_ = SSL_get_error(ssl_.get(), count) == SSL_ERROR_ZERO_RETURN;
                reason_ = said_goodbye_ ? "" : tls::take_openssl_error();
                break;
            }
            bytes.append(chunk.data(), static_cast<std::size_t>(count));
        }
        return bytes;
    }

    [[nodiscard]] std::string receive_all() { return receive(std::string::npos); }

    /// The stream ended with close_notify, not only with the connection.
    [[nodiscard]] bool said_goodbye() const noexcept { return said_goodbye_; }

    /// Why `connect` or `receive` failed.
    [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

    /// Sends close_notify; reading stays possible.
    void shutdown_send() { SSL_shutdown(ssl_.get()); }

    [[nodiscard]] SSL* ssl() const noexcept { return ssl_.get(); }

    /// The other end's certificate.
    [[nodiscard]] X509& certificate() const { return *SSL_get0_peer_certificate(ssl_.get()); }

private:
    void show(const identity& own) {
        SSL_CTX_use_certificate(context_.get(), own.certificate.get());
        SSL_CTX_use_PrivateKey(context_.get(), own.key.get());
    }

    static void wait_no_longer_than_a_minute(int descriptor) {
        const timeval minute{.tv_sec = 60, .tv_usec = 0};
        ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &minute, sizeof minute);
    }

    tls::context_pointer context_;
    tls::ssl_pointer ssl_;
    bool said_goodbye_ = false;
    std::string reason_;
};

} // namespace wakegate::support
