#pragma once

#include "common/cidr.hpp"
#include "proxy/cancel/cancel_drops.hpp"
#include "proxy/cluster/cluster.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <string_view>

namespace wakegate::proxy {

class cancel_service;

/// The client that sent a CancelRequest.
struct cancel_client {
    ip_address address;
    std::string_view listener;       ///< its name, which outlives the request
    bool broadcasts_cancels = false; ///< that listener says `cancel: broadcast`
};

/// Serves a client's CancelRequest: forwards it to its session's server or to the peers, and waits
/// until they have processed it; drops an unknown key. When many come at one time they wait for a
/// slot, 10 s at most. A key of a session here, or at least of this installation, is served however
/// many its network sends; the rate limit is for other keys. The client never gets an answer. A
/// cancel wakes nothing and is never held by a gate.
///
/// A foreign key may belong to a session whose TLS passes through. Where the client's listener has
/// `cancel: broadcast`, all servers of such sessions get it and ignore keys that are not their own.
/// The caller waits for all of them, so that the time does not reveal whose key it was.
[[nodiscard]] boost::asio::awaitable<void> handle_cancel(
    cancel_service& service, const cluster_map& clusters, cancel_client client, std::string key
);

/// Serves the connection of a peer that forwards a CancelRequest, which is not forwarded again.
/// Anything else that the peer sends gets no answer.
[[nodiscard]] boost::asio::awaitable<void>
serve_peer(cancel_service& service, const cluster_map& clusters, boost::asio::ip::tcp::socket peer);

/// Logs what has been dropped since the last time, at most once a minute. Any thread.
void report_dropped_cancels(cancel_drops& drops);

} // namespace wakegate::proxy
