#include "proxy/cancel/forward_to_peers.hpp"

#include "common/no_throw.hpp"
#include "proxy/net/connect_socket.hpp"
#include "proxy/net/name_lookup.hpp"
#include "proxy/net/phase_deadline.hpp"
#include "proxy/net/run_all.hpp"
#include "proxy/wire/messages.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

/// For the connect to one address: some may be of replicas that are gone.
constexpr auto connect_limit = seconds(1);

/// A little more than a peer takes to reach its server and have the request processed.
constexpr auto limit = seconds(8);

asio::awaitable<bool> connect(tcp::socket& socket, tcp::endpoint peer) {
    const phase_deadline deadline(socket, connect_limit);
    const tcp_timeouts by_default; // `limit` is shorter
    const auto refused = co_await connect_socket(socket, peer, by_default);
    co_return !refused;
}

asio::awaitable<void> forward(tcp::endpoint peer, std::string request) {
    const auto executor = co_await asio::this_coro::executor;
    tcp::socket socket(executor);
    const bool connected = co_await connect(socket, peer);
    if (!connected) {
        co_return;
    }
    const phase_deadline deadline(socket, limit);
    const auto bytes = asio::buffer(request);
    const auto [lost, written] = co_await asio::async_write(socket, bytes, no_throw);
    if (lost) {
        co_return;
    }
    char unexpected = 0;
    const auto room = asio::buffer(&unexpected, 1);
    co_await socket.async_read_some(room, no_throw);
}

asio::awaitable<std::vector<tcp::endpoint>> addresses_of(std::vector<host_port> peers) {
    std::vector<tcp::endpoint> all;
    for (const auto& peer : peers) {
        const auto found = co_await resolve_endpoints(peer, connect_limit);
        all.insert(all.end(), found.begin(), found.end());
    }
    all.resize(std::min(all.size(), max_peers));
    co_return all;
}

} // namespace

asio::awaitable<void> forward_to_peers(std::vector<host_port> peers, std::string key) {
    const auto addresses = co_await addresses_of(std::move(peers));
    const auto request = wire::cancel_request_message(key);
    std::vector<asio::awaitable<void>> requests;
    requests.reserve(addresses.size());
    for (const auto& address : addresses) {
        requests.push_back(forward(address, request));
    }
    co_await run_all(std::move(requests));
}

} // namespace wakegate::proxy
