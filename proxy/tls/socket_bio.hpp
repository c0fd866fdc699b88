#pragma once

#include "proxy/tls/openssl.hpp"

#include <cstddef>
#include <string>

namespace wakegate::tls {

/// The state of a BIO over a socket. It reads from the socket, and writes to a string that the
/// stream sends later: so a write never fails half-way, a few records take one system call, and
/// nothing raises SIGPIPE.
struct socket_bio_state {
    int descriptor = -1;                ///< not owned
    std::string* out = nullptr;         ///< takes what is to be sent
    std::size_t bytes_without_data = 0; ///< read since the last byte of data; `receive` resets it
    bool drained = false;               ///< the last read was short, so the next would find nothing
    bool expect_eof = false;            ///< the peer has hung up: read on even when `drained`
    bool ended = false;                 ///< the peer has sent its last byte
    int error = 0;                      ///< errno of the socket, if that is why; the first
};

/// A peer that keeps sending records of TLS's own (key updates, refused renegotiations) keeps a
/// thread busy for nothing: after so many bytes without any data the stream ends, as if the peer
/// had left. No handshake and no record of data is as long.
constexpr std::size_t max_bytes_without_data = std::size_t{128} * 1024;

/// `state` must outlive it. The socket is read without waiting, whatever mode it is in.
[[nodiscard]] bio_pointer make_socket_bio(socket_bio_state& state);

} // namespace wakegate::tls
