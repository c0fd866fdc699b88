#include "proxy/cancel/forward_to_peers.hpp"
#include "tests/support/scripted_server.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

using namespace support;

const std::string key = "pid!secr";
const std::vector<std::string> one_request = {support::cancel_request(key)};

TEST(forward_to_peers, asks_every_peer_once_and_waits_until_all_have_hung_up) {
    asio::io_context context(1);
    const scripted_server first(context, {.then = manners::leaves});
    const scripted_server second(context, {.then = manners::leaves});
    run(context, forward_to_peers({first.address(), second.address()}, key));
    EXPECT_EQ(first.startups(), one_request);
    EXPECT_EQ(second.startups(), one_request);
}

TEST(forward_to_peers, is_not_kept_from_a_peer_by_others_that_are_gone) {
    asio::io_context context(1);
    const scripted_server leaving(context, {.then = manners::leaves_mute});
    const scripted_server peer(context, {.then = manners::leaves});
    const host_port unknown_host{"nowhere.invalid", 1};
    run(context,
        forward_to_peers(
            {unknown_host, deserted_address(context), leaving.address(), peer.address()}, key
        ));
    EXPECT_EQ(peer.startups(), one_request);
}

TEST(forward_to_peers, asks_no_more_than_sixteen) {
    asio::io_context context(1);
    const scripted_server server(context, {.then = manners::leaves});
    run(context, forward_to_peers(std::vector<host_port>(20, server.address()), key));
    EXPECT_EQ(server.startups().size(), 16U);
}

TEST(forward_to_peers, to_nobody_ends_at_once) {
    asio::io_context context(1);
    run(context, forward_to_peers({}, key));
    SUCCEED();
}

} // namespace
} // namespace wakegate::proxy
