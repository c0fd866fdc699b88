#pragma once

#include "common/host_port.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <string_view>
#include <vector>

namespace wakegate {

/// Binds every address that `address` names, and listens: both wildcards for "*", each address of a
/// name. As with Postgres's listen_addresses, an address that can't be bound is a warning
/// (`listen_failed`), such as IPv6 on a kernel without it; each bound one is logged (`listening`).
///
/// Never empty: throws `configuration_error` when none can be had, naming `key`, the address, every
/// reason and the remedy ("listeners.main.address: can't listen on 127.0.0.1:6432: Address already
/// in use; ..."). Blocks while the name is looked up.
[[nodiscard]] std::vector<boost::asio::ip::tcp::acceptor>
listen_on(boost::asio::io_context& context, const host_port& address, std::string_view key);

/// The same for addresses that are known already; `address` is what the operator wrote.
[[nodiscard]] std::vector<boost::asio::ip::tcp::acceptor> listen_on(
    boost::asio::io_context& context,
    const std::vector<boost::asio::ip::tcp::endpoint>& endpoints,
    const host_port& address,
    std::string_view key
);

} // namespace wakegate
