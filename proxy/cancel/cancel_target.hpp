#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <string>

namespace wakegate::proxy {

struct backend_endpoint;

/// The session whose query a CancelRequest is to stop.
struct cancel_target {
    /// Of its cluster, or of the backend that its route names. Outlives this.
    const backend_endpoint* endpoint = nullptr;
    /// The server of the session; the backend's name may resolve to another one by now.
    boost::asio::ip::tcp::endpoint server;
    /// As the server sent it in BackendKeyData: process id (4 bytes) and secret.
    std::string backend_key;

    friend bool operator==(const cancel_target&, const cancel_target&) = default;
};

} // namespace wakegate::proxy
