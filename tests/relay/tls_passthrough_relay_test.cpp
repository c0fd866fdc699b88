#include "proxy/relay/relay_loop.hpp"
#include "tests/support/relay_rig.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::proxy {
namespace {

using namespace support;

/// Ciphertext that would end a query if it were parsed as Postgres protocol.
const auto ciphertext = ready_for_query('I');

relay_peers relay_unopened(relay_loop& loop, std::string server_output = {}) {
    return relay_session(loop, std::move(server_output), true);
}

TEST(tls_passthrough_relay, passes_everything_and_believes_nothing) {
    relay_loop loop;
    auto session = relay_unopened(loop, "hello, ");
    session.server.send_all("client");
    EXPECT_EQ(session.client.receive(13), "hello, client");
    session.client.send_all(ciphertext);
    EXPECT_EQ(session.server.receive(ciphertext.size()), ciphertext);
    session.server.send_all(ciphertext);
    EXPECT_EQ(session.client.receive(ciphertext.size()), ciphertext);
    const std::vector<std::string> busy_from_the_start = {"logged_in ", "busy"};
    EXPECT_EQ(session.events->all(), busy_from_the_start);
    session.client.hang_up();
    session.server.hang_up();
    EXPECT_TRUE(session.events->reach("ended"));
}

TEST(tls_passthrough_relay, puts_in_no_word_of_its_own_when_the_server_vanishes) {
    relay_loop loop;
    auto session = relay_unopened(loop);
    session.server.send_all(ciphertext);
    session.server.hang_up();
    EXPECT_EQ(session.client.receive_all(), ciphertext);
}

TEST(tls_passthrough_relay, is_not_at_rest_when_the_gate_drains) {
    relay_loop loop;
    auto session = relay_unopened(loop);
    loop.drain();
    session.client.send_all(ciphertext);
    EXPECT_EQ(session.server.receive(ciphertext.size()), ciphertext);
    session.server.send_all(ciphertext);
    session.server.hang_up();
    EXPECT_EQ(session.client.receive_all(), ciphertext) << "and no error";
}

} // namespace
} // namespace wakegate::proxy
