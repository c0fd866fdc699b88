#pragma once

#include "proxy/net/async_socket.hpp"
#include "proxy/session/cluster.hpp"
#include "proxy/session/secure_backend.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <string>

namespace wakegate::proxy {

/// Leaves `server` connected to the cluster's backend. With several addresses the setback is the
/// last one's. Each has `connect_timeout`. `preface` is what the server hears first, in the clear;
/// it may be empty.
[[nodiscard]] boost::asio::awaitable<connect_failure> connect_unsecured(
    async_socket& server, const cluster_settings& settings, const std::string& preface
);

/// And secures it, see `secure_backend`.
[[nodiscard]] boost::asio::awaitable<connect_failure>
connect_backend(async_socket& server, const cluster_settings& settings, const std::string& preface);

/// The same at one address.
[[nodiscard]] boost::asio::awaitable<connect_failure> connect_backend_at(
    async_socket& server,
    const boost::asio::ip::tcp::endpoint& endpoint,
    const cluster_settings& settings,
    const std::string& preface
);

} // namespace wakegate::proxy
