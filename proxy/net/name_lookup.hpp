#pragma once

#include "common/clock.hpp"
#include "common/host_port.hpp"
#include "proxy/net/resolver_pool.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <vector>

namespace wakegate::proxy {

/// The addresses of a name now, at least one.
using lookup_result =
    boost::system::result<std::vector<boost::asio::ip::tcp::endpoint>, lookup_error>;

/// The addresses of a name, looked up each time: a woken cluster may have new ones. Literal
/// addresses need no thread or system call. An error when there is none, or none by `limit`.
///
/// The system's resolver blocks without a bound, some 40 s when a zone's servers are silent. So it
/// runs on a shared pool, each name on at most one thread: a slow name does not delay others. Any
/// thread.
[[nodiscard]] boost::asio::awaitable<lookup_result>
resolve_name(host_port address, duration limit, resolver_pool& resolver = system_resolver());

/// The same for callers that retry anyway, whatever the reason: none at an error.
[[nodiscard]] boost::asio::awaitable<std::vector<boost::asio::ip::tcp::endpoint>>
resolve_endpoints(host_port address, duration limit, resolver_pool& resolver = system_resolver());

/// What to log when `resolve_endpoints` gave none: "'db.example' has no address; check the name and
/// DNS".
[[nodiscard]] std::string no_address_message(const host_port& address);

} // namespace wakegate::proxy
