#include "common/tcp_timeouts.hpp"
#include "proxy/relay/relay_loop.hpp"
#include "tests/support/relay_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

namespace wakegate::proxy {
namespace {

using namespace support;
using ::testing::HasSubstr;

/// More than the kernel's buffers for one connection hold.
constexpr std::size_t more_than_fits = 64 << 20;

/// One of the relay's own sockets, inspected while its session lives. By its number, not by a
/// duplicate, which would keep the socket in the relay's epoll set after it is closed (epoll(7)).
class near_socket {
public:
    explicit near_socket(const file_descriptor& socket) : descriptor_(socket.get()) {}

    [[nodiscard]] tcp_timeouts timeouts() const { return timeouts_of(descriptor_); }

    [[nodiscard]] bool reaches_user_timeout(milliseconds wanted) const {
        return reaches([&] { return timeouts().user_timeout == wanted; });
    }

    /// Whether it gets the timeouts of a suspected peer.
    [[nodiscard]] bool becomes_tight() const {
        return reaches([&] { return timeouts().keepalives_idle == seconds(1); });
    }

private:
    static bool reaches(const std::function<bool()>& is_reached) {
        const auto deadline = clock::now() + patience;
        while (!is_reached() && clock::now() < deadline) {
            ::poll(nullptr, 0, 1);
        }
        return is_reached();
    }

    int descriptor_;
};

struct timed_session {
    far_end client;
    far_end server;
    near_socket near_client;
    near_socket near_server;
    std::shared_ptr<recorded_events> events;

    [[nodiscard]] server_group servers() const { return events.get(); }
};

/// A session whose login is over. The kernel gives up a peer that has not read for a second; so
/// these tests make a peer vanish by not reading.
timed_session relay_timed(relay_loop& loop) {
    auto [client, near_client] = connected_pair();
    auto [server, near_server] = connected_pair();
    const tcp_timeouts short_ones{.user_timeout = seconds(1)};
    set_timeouts(near_client.get(), short_ones);
    set_timeouts(near_server.get(), short_ones);
    timed_session session{
        .client = far_end(std::move(client)),
        .server = far_end(std::move(server)),
        .near_client = near_socket(near_client),
        .near_server = near_socket(near_server),
        .events = std::make_shared<recorded_events>(),
    };
    loop.add_session({
        .client = std::move(near_client),
        .server = std::move(near_server),
        .server_output = login_answer(),
        .owner = std::make_unique<recording_owner>(session.events),
    });
    EXPECT_EQ(session.client.receive(login_answer().size()), login_answer());
    return session;
}

TEST(relay_timeouts, end_a_session_whose_server_has_vanished_with_its_clients_data_under_way) {
    relay_loop loop;
    auto session = relay_timed(loop);
    const auto chunk = query(std::string(65'536, 'x'));
    ASSERT_LT(session.client.send_until_blocked(chunk, more_than_fits), more_than_fits);
    const auto final_error = session.client.receive_all();
    EXPECT_THAT(final_error, HasSubstr("C08006"));
    EXPECT_THAT(
        final_error, HasSubstr("Mthe connection to the server was lost: Connection timed out")
    );
    session.client.hang_up();
    EXPECT_TRUE(session.events->reach("ended"));
}

TEST(relay_timeouts, end_a_session_whose_client_has_vanished_with_its_answer_under_way) {
    relay_loop loop;
    auto session = relay_timed(loop);
    const auto row = data_row(std::string(65'536, 'x'));
    ASSERT_LT(session.server.send_until_blocked(row, more_than_fits), more_than_fits);
    EXPECT_TRUE(session.events->reach("ended"));
    char byte = 0;
    EXPECT_LE(::recv(session.server.descriptor(), &byte, 1, 0), 0); // the end, or a reset
}

TEST(relay_timeouts, spare_a_server_that_does_not_read_for_a_while) {
    relay_loop loop(milliseconds(30));
    auto session = relay_timed(loop);
    const auto chunk = query(std::string(65'536, 'x'));
    const auto sent_size = session.client.send_until_blocked(chunk, more_than_fits);
    ASSERT_LT(sent_size, more_than_fits);
    ASSERT_TRUE(session.near_server.reaches_user_timeout(milliseconds(0)));
    EXPECT_EQ(session.server.receive(sent_size).size(), sent_size);
    EXPECT_TRUE(session.near_server.reaches_user_timeout(seconds(1)));
}

TEST(relay_timeouts, spare_a_client_that_does_not_read_for_a_while) {
    relay_loop loop(milliseconds(30));
    auto session = relay_timed(loop);
    const auto row = data_row(std::string(65'536, 'x'));
    const auto sent_size = session.server.send_until_blocked(row, more_than_fits);
    ASSERT_LT(sent_size, more_than_fits);
    ASSERT_TRUE(session.near_client.reaches_user_timeout(milliseconds(0)));
    EXPECT_EQ(session.client.receive(sent_size).size(), sent_size);
    EXPECT_TRUE(session.near_client.reaches_user_timeout(seconds(1)));
}

TEST(relay_timeouts, are_shorter_for_the_servers_that_are_suspected_and_for_no_others) {
    relay_loop loop;
    const tcp_timeouts configured{.user_timeout = seconds(1)};
    const auto first = relay_timed(loop);
    const auto bystander = relay_timed(loop);
    const auto last = relay_timed(loop);
    loop.suspect(first.servers());
    loop.suspect(last.servers());
    EXPECT_TRUE(first.near_server.becomes_tight());
    EXPECT_TRUE(last.near_server.becomes_tight());
    EXPECT_EQ(first.near_client.timeouts(), configured);
    EXPECT_EQ(bystander.near_server.timeouts(), configured);
    EXPECT_EQ(bystander.near_client.timeouts(), configured);
}

TEST(relay_timeouts, of_a_suspected_server_do_not_end_a_session_that_goes_on) {
    relay_loop loop;
    const auto session = relay_timed(loop);
    loop.suspect(session.servers());
    ASSERT_TRUE(session.near_server.becomes_tight());
    const auto question = query("SELECT 1");
    const auto answer = data_row("1") + command_complete("SELECT 1") + ready_for_query('I');
    session.client.send_all(question);
    EXPECT_EQ(session.server.receive(question.size()), question);
    session.server.send_all(answer);
    EXPECT_EQ(session.client.receive(answer.size()), answer);
}

} // namespace
} // namespace wakegate::proxy
