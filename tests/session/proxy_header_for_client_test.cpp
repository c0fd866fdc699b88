#include "proxy/session/proxy_header_for_client.hpp"
#include "proxy/wire/proxy_header.hpp"
#include "tests/support/loopback.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>

namespace wakegate::proxy {
namespace {

using namespace support;

wire::proxy_header read_back(const client_socket& client) {
    const auto bytes = proxy_header_for_client(client);
    wire::proxy_header_decoder decoder;
    for (std::size_t at = 0; decoder.wanted() > 0; ++at) {
        decoder.feed(bytes.substr(at, 1));
    }
    return decoder.take();
}

struct proxy_header_for_client_test : testing::Test {
    asio::io_context context{1};
    connected_pair pair{context};
    std::uint16_t port = pair.far.local_endpoint().port();
    std::uint16_t gate_port = pair.near.local_endpoint().port();
    client_socket client{std::move(pair.near)};
};

TEST_F(proxy_header_for_client_test, are_the_connections_own_ends) {
    const auto header = std::get<wire::proxied_connection>(read_back(client));
    const wire::ipv4_bytes loopback{127, 0, 0, 1};
    EXPECT_EQ(header.source, (wire::proxied_endpoint{loopback, port}));
    EXPECT_EQ(header.destination, (wire::proxied_endpoint{loopback, gate_port}));
}

TEST_F(proxy_header_for_client_test, are_whom_somebody_has_spoken_for) {
    client.set_proxied_addresses({
        .client = {asio::ip::make_address("::ffff:203.0.113.9"), 40'000},
        .gate = {asio::ip::make_address("10.0.0.1"), 5432},
    });
    const auto header = std::get<wire::proxied_connection>(read_back(client));
    EXPECT_EQ(header.source, (wire::proxied_endpoint{wire::ipv4_bytes{203, 0, 113, 9}, 40'000}));
    EXPECT_EQ(header.destination, (wire::proxied_endpoint{wire::ipv4_bytes{10, 0, 0, 1}, 5432}));
}

TEST_F(proxy_header_for_client_test, keep_their_family) {
    const auto address = asio::ip::make_address_v6("2001:db8::7");
    client.set_proxied_addresses(
        {.client = {address, 1}, .gate = {asio::ip::address_v6::loopback(), 2}}
    );
    const auto header = std::get<wire::proxied_connection>(read_back(client));
    EXPECT_EQ(header.source, (wire::proxied_endpoint{address.to_bytes(), 1}));
}

TEST_F(proxy_header_for_client_test, may_be_unknown) {
    client.set_proxied_addresses({});
    EXPECT_TRUE(std::holds_alternative<wire::unknown_connection>(read_back(client)));
}

} // namespace
} // namespace wakegate::proxy
