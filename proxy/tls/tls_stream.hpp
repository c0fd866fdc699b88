#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

struct ssl_st;

namespace wakegate::tls {

struct socket_bio_state;

/// SSL_free, without OpenSSL's headers.
struct ssl_free {
    void operator()(ssl_st* owned) const noexcept;
};

using ssl_pointer = std::unique_ptr<ssl_st, ssl_free>;

/// TLS on a connected socket that the caller owns and waits for. It never waits itself, so it
/// serves the setup threads (Asio) and the relay (edge-triggered epoll) alike:
///
///     wait → mark_readable → handshake, receive, send or flush → which of the two is to be waited
///     for
///
/// Encrypted bytes that the socket does not take are kept: `flush` them before the next `send`. One
/// thread at a time.
class tls_stream {
public:
    enum class progress {
        done,
        want_read,  ///< go on when the socket is readable
        want_write, ///< go on when it is writable
        failed,     ///< it is over; `failure` says why
    };

    /// `ssl` has its role and has not begun.
    tls_stream(ssl_pointer ssl, int descriptor);
    tls_stream(const tls_stream&) = delete;
    tls_stream& operator=(const tls_stream&) = delete;
    ~tls_stream();

    [[nodiscard]] progress handshake();
    /// As recv(2) on a non-blocking socket: the count, 0 at the end, or -1 and errno. With EAGAIN
    /// `has_send_backlog` tells what to wait for.
    [[nodiscard]] ssize_t receive(std::span<char> room);
    /// Takes all of `data`. `done` or `want_write`: it is sent, or the rest of it is kept.
    [[nodiscard]] progress send(std::string_view data);
    /// Sends on what is kept: `done`, `want_write` or `failed`.
    [[nodiscard]] progress flush();
    /// No `send` after it. Called again, it is a `flush`.
    [[nodiscard]] progress send_close_notify();

    /// The socket may have bytes again. `expect_eof`: no later event will report its end.
    void mark_readable(bool expect_eof = false) noexcept;

    /// So many bytes are kept that the peer must not be read from: its own records (key updates)
    /// would pile up otherwise.
    [[nodiscard]] bool has_send_backlog() const noexcept;

    /// The last `receive` ended because its room was full, not because there was nothing more.
    [[nodiscard]] bool may_have_more() const noexcept { return may_have_more_; }

    /// For the log; empty when the peer just left.
    [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

    /// errno of a socket that was lost, not closed by the peer (ECONNRESET, ETIMEDOUT); else 0.
    [[nodiscard]] int socket_error() const noexcept;

    /// It failed in TLS (an alert, a certificate), not because the connection was lost.
    [[nodiscard]] bool is_tls_failure() const noexcept { return is_tls_failure_; }

    /// For a callback that rejects the peer's certificate during `handshake`: its reason, which
    /// becomes `failure`.
    static void set_verify_error(ssl_st& ssl, std::string reason);

    /// What the client has agreed to speak (ALPN); empty without.
    [[nodiscard]] std::string_view alpn_protocol() const noexcept;
    /// The name that the client has asked for (SNI), in lower case; empty without.
    [[nodiscard]] std::string server_name() const;
    /// `tls-server-end-point` of the certificate on this side, see `end_point_hash`.
    [[nodiscard]] std::string own_end_point_hash() const;
    /// Of the certificate on the other side; empty when it has shown none.
    [[nodiscard]] std::string peer_end_point_hash() const;
    /// The names in the peer's verified certificate, see `client_names_of`; empty without one.
    [[nodiscard]] std::vector<std::string> peer_names() const;
    /// "TLSv1.3".
    [[nodiscard]] std::string_view version() const noexcept;

private:
    void begin_call();
    /// SSL_get_error's answer, with `failure` set for those that end the stream.
    [[nodiscard]] int classify_result(int result);
    /// Sends what OpenSSL has put into the outbox, or keeps it.
    [[nodiscard]] progress flush_outbox();

    ssl_pointer ssl_;
    std::unique_ptr<socket_bio_state> bio_state_;
    std::string pending_write_; ///< encrypted, refused by the socket so far
    std::string failure_;
    bool may_have_more_ = true;
    bool is_tls_failure_ = false;
    bool finished_ = false;
    bool write_failed_ = false; ///< the socket takes nothing any more
};

} // namespace wakegate::tls
