#include "proxy/backend/connect.hpp"

#include "common/no_throw.hpp"
#include "proxy/net/connect_socket.hpp"
#include "proxy/net/name_lookup.hpp"
#include "proxy/net/phase_deadline.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace wakegate::proxy {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

asio::awaitable<boost::system::error_code> connect_and_send(
    tcp::socket& server,
    const tcp::endpoint& address,
    const tcp_timeouts& timeouts,
    const std::string& proxy_header
) {
    auto refused = co_await connect_socket(server, address, timeouts);
    if (refused || proxy_header.empty()) {
        co_return refused;
    }
    const auto bytes = asio::buffer(proxy_header);
    const auto [lost, written] = co_await asio::async_write(server, bytes, no_throw);
    co_return lost;
}

} // namespace

asio::awaitable<connect_result<>> connect_backend_at(
    async_socket& server,
    const tcp::endpoint& address,
    const backend_endpoint& endpoint,
    const std::string& proxy_header
) {
    const phase_deadline deadline(server.socket(), endpoint.connect_timeout);
    const auto error =
        co_await connect_and_send(server.socket(), address, endpoint.tcp, proxy_header);
    if (!error) {
        co_return connect_result<>();
    }
    if (deadline.expired()) {
        co_return connect_error{connect_errc::connect_timeout};
    }
    co_return connect_error{connect_errc::unreachable, error.message()};
}

asio::awaitable<connect_result<>> connect_backend(
    async_socket& server, const backend_endpoint& endpoint, const std::string& proxy_header
) {
    const auto addresses = co_await resolve_endpoints(endpoint.backend, endpoint.connect_timeout);
    connect_result<> result =
        connect_error{connect_errc::no_address, no_address_message(endpoint.backend)};
    for (const auto& address : addresses) {
        result = co_await connect_backend_at(server, address, endpoint, proxy_header);
        if (result) {
            break;
        }
    }
    co_return result;
}

} // namespace wakegate::proxy
