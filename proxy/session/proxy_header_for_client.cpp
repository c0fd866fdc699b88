#include "proxy/session/proxy_header_for_client.hpp"

#include "common/cidr.hpp"
#include "proxy/wire/proxy_header.hpp"

namespace wakegate::proxy {
namespace {

wire::proxied_endpoint to_proxied(const boost::asio::ip::tcp::endpoint& from) {
    const auto address = canonical_address(from.address());
    wire::proxied_endpoint to{.address = wire::ipv4_bytes(), .port = from.port()};
    if (address.is_v4()) {
        to.address = address.to_v4().to_bytes();
    } else {
        to.address = address.to_v6().to_bytes();
    }
    return to;
}

} // namespace

std::string proxy_header_for_client(const client_socket& client) {
    const auto ends = client.addresses();
    if (ends.client.address().is_unspecified()) {
        return wire::unknown_proxy_header();
    }
    return wire::proxy_header_for(
        {.source = to_proxied(ends.client), .destination = to_proxied(ends.gate)}
    );
}

} // namespace wakegate::proxy
