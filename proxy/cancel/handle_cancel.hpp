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

/// Does what a client's CancelRequest asks for, as far as `key` is anybody's: stops the query at
/// its server, or has the peers look for it; and is done when that is. When many come at one time
/// they wait for each other, 10 s at most. A key that leads to a session, or is at least one of
/// this installation, is served however many its network sends; the limit is for others. The client
/// is told nothing either way. A cancel wakes nothing and is never held by a gate.
///
/// A key that is none of this installation may be of a session whose TLS passes through. Where the
/// client's listener says `cancel: broadcast` all servers of such sessions get it, each of which
/// knows whether it is its own, and the caller waits for all of them: how long that takes says
/// nothing of whose it was.
[[nodiscard]] boost::asio::awaitable<void> handle_cancel(
    cancel_service& service, const cluster_map& clusters, cancel_client client, std::string key
);

/// The same for one that a peer has passed on, from its connection to its end. It goes no further.
/// Anything else that is said there is not answered.
[[nodiscard]] boost::asio::awaitable<void>
serve_peer(cancel_service& service, const cluster_map& clusters, boost::asio::ip::tcp::socket peer);

/// Logs what has been dropped since the last time, at most once a minute. Any thread.
void report_dropped_cancels(cancel_drops& drops);

} // namespace wakegate::proxy
