#include "proxy/session/forward_cancel.hpp"

#include "proxy/backend/name_lookup.hpp"
#include "proxy/net/phase_deadline.hpp"
#include "proxy/wire/messages.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace wakegate::proxy {

namespace asio = boost::asio;

asio::awaitable<void> forward_cancel(host_port backend, std::string key) {
    constexpr auto quiet = asio::as_tuple(asio::use_awaitable);
    constexpr auto limit = seconds(5);
    const auto executor = co_await asio::this_coro::executor;
    const auto endpoints = co_await look_up(backend);
    if (endpoints.empty()) {
        co_return;
    }
    asio::ip::tcp::socket server(executor, endpoints.front().protocol());
    const phase_deadline deadline(server, limit);
    const auto [refused] = co_await server.async_connect(endpoints.front(), quiet);
    if (refused) {
        co_return;
    }
    const auto request = wire::cancel_request_message(key);
    const auto bytes = asio::buffer(request);
    const auto [lost, written] = co_await asio::async_write(server, bytes, quiet);
    if (lost) {
        co_return;
    }
    char unexpected = 0;
    const auto room = asio::buffer(&unexpected, 1);
    co_await server.async_read_some(room, quiet);
}

} // namespace wakegate::proxy
