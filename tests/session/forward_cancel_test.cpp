#include "proxy/session/forward_cancel.hpp"
#include "tests/support/scripted_server.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

using namespace support;

TEST(forward_cancel, carries_the_key_to_its_server_and_waits_until_it_hangs_up) {
    asio::io_context context(1);
    const scripted_server server(context, {.then = manners::leaves});
    const std::string key = "pid!a secret of any length";
    const cluster_settings where{.backend = server.address()};
    run(context, forward_cancel(where, key));
    EXPECT_EQ(server.startups(), std::vector<std::string>{support::cancel_request(key)});
}

TEST(forward_cancel, shrugs_when_the_server_is_gone) {
    asio::io_context context(1);
    const cluster_settings deserted{.backend = deserted_address(context)};
    run(context, forward_cancel(deserted, "pid!secr"));
    const scripted_server leaving(context, {.then = manners::leaves_mute});
    const cluster_settings mute{.backend = leaving.address()};
    run(context, forward_cancel(mute, "pid!secr"));
    SUCCEED();
}

} // namespace
} // namespace wakegate::proxy
