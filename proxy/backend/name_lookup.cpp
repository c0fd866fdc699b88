#include "proxy/backend/name_lookup.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <string>

namespace wakegate::proxy {

using tcp = boost::asio::ip::tcp;

boost::asio::awaitable<std::vector<tcp::endpoint>> look_up(host_port address) {
    boost::system::error_code not_literal;
    const auto literal = boost::asio::ip::make_address(address.host, not_literal);
    std::vector<tcp::endpoint> found;
    if (!not_literal) {
        found.emplace_back(literal, address.port);
        co_return found;
    }
    const auto executor = co_await boost::asio::this_coro::executor;
    tcp::resolver resolver(executor);
    const auto port = std::to_string(address.port);
    constexpr auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
    const auto [error, results] = co_await resolver.async_resolve(address.host, port, token);
    if (!error) {
        for (const auto& entry : results) {
            found.push_back(entry.endpoint());
        }
    }
    co_return found;
}

} // namespace wakegate::proxy
