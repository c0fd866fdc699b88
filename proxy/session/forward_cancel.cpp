#include "proxy/session/forward_cancel.hpp"

#include "common/log.hpp"
#include "proxy/backend/name_lookup.hpp"
#include "proxy/net/front_socket.hpp"
#include "proxy/net/phase_deadline.hpp"
#include "proxy/session/secure_backend.hpp"
#include "proxy/wire/messages.hpp"
#include "proxy/wire/proxy_header.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <span>

namespace wakegate::proxy {

namespace asio = boost::asio;

asio::awaitable<void> forward_cancel(const cluster_settings& where, std::string key) {
    constexpr auto quiet = asio::as_tuple(asio::use_awaitable);
    constexpr auto limit = seconds(5);
    const auto executor = co_await asio::this_coro::executor;
    const auto endpoints = co_await look_up(where.backend);
    if (endpoints.empty()) {
        co_return;
    }
    front_socket server{asio::ip::tcp::socket(executor, endpoints.front().protocol())};
    const phase_deadline deadline(server.socket(), limit);
    const auto [refused] = co_await server.socket().async_connect(endpoints.front(), quiet);
    if (refused) {
        co_return;
    }
    if (where.introduces_clients) {
        // LOCAL: whose query it stops is in the key; who asks is of no use to the server.
        const auto header = wire::local_proxy_header();
        co_await server.write(header);
    }
    const auto met = co_await secure_backend(server, where);
    if (!met.reason.empty()) {
        log::info("cancel_failed").with("cluster", where.name).with("reason", met.reason);
        co_return;
    }
    const auto request = wire::cancel_request_message(key);
    const bool sent = co_await server.write(request);
    if (sent) {
        char unexpected = 0;
        const std::span room(&unexpected, 1);
        co_await server.read_some(room);
    }
}

} // namespace wakegate::proxy
