#include "common/no_throw.hpp"
#include "proxy/backend/endpoint.hpp"
#include "proxy/cancel/forward_to_backend.hpp"
#include "proxy/wire/proxy_header.hpp"
#include "tests/support/scripted_server.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

using namespace support;

const backend_endpoint settings{.cluster = "app", .backend = {"nowhere.invalid", 5432}};

cancel_target at(const tcp::endpoint& server, const std::string& key = "pid!secr") {
    return {.endpoint = &settings, .server = server, .backend_key = key};
}

TEST(forward_to_backend, carries_the_key_to_its_server_and_waits_until_it_hangs_up) {
    asio::io_context context(1);
    const scripted_server server(context, {.then = manners::leaves});
    const std::string key = "pid!a secret of any length";
    run(context, forward_to_backend(at(server.endpoint(), key)));
    EXPECT_EQ(server.startups(), std::vector<std::string>{support::cancel_request(key)});
}

TEST(forward_to_backend, says_that_it_speaks_for_itself_where_headers_are_wanted) {
    asio::io_context context(1);
    tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const backend_endpoint with_header{
        .backend = {"nowhere.invalid", 5432},
        .send_proxy_header = true,
    };
    const auto expected = wire::local_proxy_header() + support::cancel_request("pid!secr");
    std::string request;
    const auto listen = [&]() -> asio::awaitable<void> {
        auto [error, client] = co_await acceptor.async_accept(no_throw);
        request = co_await receive(client, expected.size());
    };
    asio::co_spawn(context, listen(), asio::detached);
    run(context, forward_to_backend({&with_header, acceptor.local_endpoint(), "pid!secr"}));
    EXPECT_EQ(request, expected);
}

TEST(forward_to_backend, goes_to_its_sessions_server_wherever_the_name_leads_now) {
    asio::io_context context(1);
    const scripted_server of_the_session(context, {.then = manners::leaves});
    const scripted_server of_the_name(context, {.then = manners::leaves});
    const backend_endpoint moved{.cluster = "app", .backend = of_the_name.address()};
    run(context, forward_to_backend({&moved, of_the_session.endpoint(), "pid!secr"}));
    EXPECT_EQ(of_the_session.startups().size(), 1U);
    EXPECT_TRUE(of_the_name.startups().empty());
}

TEST(forward_to_backend, shrugs_when_the_server_is_gone) {
    asio::io_context context(1);
    const auto deserted = deserted_address(context);
    const auto loopback = asio::ip::make_address(deserted.host);
    run(context, forward_to_backend(at({loopback, deserted.port})));
    run(context, forward_to_backend(at({}))); // ended before its server was known
    const scripted_server leaving(context, {.then = manners::leaves_mute});
    run(context, forward_to_backend(at(leaving.endpoint())));
    SUCCEED();
}

} // namespace
} // namespace wakegate::proxy
