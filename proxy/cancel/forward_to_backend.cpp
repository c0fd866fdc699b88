#include "proxy/cancel/forward_to_backend.hpp"

#include "common/log.hpp"
#include "proxy/backend/connect.hpp"
#include "proxy/backend/start_tls.hpp"
#include "proxy/net/async_socket.hpp"
#include "proxy/net/phase_deadline.hpp"
#include "proxy/wire/messages.hpp"
#include "proxy/wire/proxy_header.hpp"

#include <boost/asio/this_coro.hpp>

#include <span>
#include <string>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

/// For the server to process the request.
constexpr auto limit = seconds(5);

} // namespace

asio::awaitable<void> forward_to_backend(cancel_target target) {
    const auto& endpoint = *target.endpoint;
    const auto executor = co_await asio::this_coro::executor;
    async_socket server{asio::ip::tcp::socket(executor)};
    // LOCAL: the key says whose query it stops; the client's address is of no use to the server.
    const auto proxy_header =
        endpoint.send_proxy_header ? wire::local_proxy_header() : std::string();
    auto result = co_await connect_backend_at(server, target.server, endpoint, proxy_header);
    if (result) {
        result = co_await start_tls(server, endpoint);
    }
    if (!result) {
        log::info("cancel_failed")
            .with("cluster", endpoint.cluster)
            .with("reason", to_string(result.error()));
        co_return;
    }
    const phase_deadline deadline(server.socket(), limit);
    const auto request = wire::cancel_request_message(target.backend_key);
    const bool sent = co_await server.write(request);
    if (sent) {
        char unexpected = 0;
        const std::span room(&unexpected, 1);
        co_await server.read_some(room);
    }
}

} // namespace wakegate::proxy
