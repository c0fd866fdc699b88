#include "proxy/session/forward_cancel.hpp"
#include "proxy/wire/proxy_header.hpp"
#include "tests/support/scripted_server.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace wakegate::proxy {
namespace {

using namespace support;

cluster_settings cluster_at(host_port backend) {
    cluster_settings settings;
    settings.backend = std::move(backend);
    return settings;
}

TEST(forward_cancel, carries_the_key_to_its_server_and_waits_until_it_hangs_up) {
    asio::io_context context(1);
    const scripted_server server(context, {.then = manners::leaves});
    const std::string key = "pid!a secret of any length";
    const auto settings = cluster_at(server.address());
    run(context, forward_cancel({&settings, key}));
    EXPECT_EQ(server.startups(), std::vector<std::string>{support::cancel_request(key)});
}

TEST(forward_cancel, says_that_it_speaks_for_itself_where_headers_are_wanted) {
    asio::io_context context(1);
    tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const cluster_settings where{
        .backend = {"127.0.0.1", acceptor.local_endpoint().port()},
        .introduces_clients = true,
    };
    const auto expected = wire::local_proxy_header() + support::cancel_request("pid!secr");
    std::string heard;
    const auto listen = [&]() -> asio::awaitable<void> {
        auto [error, client] = co_await acceptor.async_accept(quiet);
        heard = co_await hear(client, expected.size());
    };
    asio::co_spawn(context, listen(), asio::detached);
    run(context, forward_cancel({&where, "pid!secr"}));
    EXPECT_EQ(heard, expected);
}

TEST(forward_cancel, reaches_every_server_behind_the_name) {
    asio::io_context context(1);
    const scripted_server one(context, {.then = manners::leaves});
    const scripted_server other(context, {.then = manners::leaves});
    const std::string key = "pid!secr";
    const auto settings = cluster_at({"two.example", 5432});
    std::vector<tcp::endpoint> addresses;
    for (const auto& address : {one.address(), deserted_address(context), other.address()}) {
        addresses.emplace_back(asio::ip::make_address(address.host), address.port);
    }
    run(context, forward_cancel_to(addresses, {&settings, key}));
    EXPECT_EQ(one.startups().size(), 1U);
    EXPECT_EQ(other.startups(), std::vector<std::string>{support::cancel_request(key)});
}

TEST(forward_cancel, shrugs_when_the_server_is_gone) {
    asio::io_context context(1);
    const auto deserted = cluster_at(deserted_address(context));
    run(context, forward_cancel({&deserted, "pid!secr"}));
    const scripted_server leaving(context, {.then = manners::leaves_mute});
    const auto settings = cluster_at(leaving.address());
    run(context, forward_cancel({&settings, "pid!secr"}));
    SUCCEED();
}

} // namespace
} // namespace wakegate::proxy
