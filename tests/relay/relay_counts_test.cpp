#include "proxy/relay/relay_loop.hpp"
#include "tests/support/relay_rig.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace wakegate::proxy {

/// The relay only passes it to owners.
class session_tally {
public:
    int sessions = 0;
};

namespace {

using namespace support;

class countable_owner final : public relay_owner {
public:
    void logged_in(std::string, time_point) noexcept override {}

    void login_timed_out() noexcept override {}

    void busy_changed(bool, time_point) noexcept override {}

    void listening_changed(bool, time_point) noexcept override {}

    [[nodiscard]] server_group group() const noexcept override { return nullptr; }

    void add_to(session_tally& tally) const noexcept override { ++tally.sessions; }

    [[nodiscard]] std::string final_message(const relay_error&) const override { return {}; }

    void ended() noexcept override {}
};

relay_peers relay_countable(relay_loop& loop) {
    auto [client, near_client] = connected_pair();
    auto [server, near_server] = connected_pair();
    relay_peers peers{.client = far_end(std::move(client)), .server = far_end(std::move(server))};
    loop.add_session({
        .client = std::move(near_client),
        .server = std::move(near_server),
        .server_output = login_answer(),
        .owner = std::make_unique<countable_owner>(),
    });
    return peers;
}

/// Blocks until the loop has counted.
int count_sessions(relay_loop& loop) {
    auto tally = std::make_shared<session_tally>();
    std::promise<void> counted;
    auto done = counted.get_future();
    loop.count_sessions(tally, [&counted] { counted.set_value(); });
    EXPECT_EQ(done.wait_for(support::patience), std::future_status::ready);
    return tally->sessions;
}

TEST(relay_counts, are_of_nobody_at_first) {
    relay_loop loop;
    EXPECT_EQ(count_sessions(loop), 0);
}

TEST(relay_counts, are_of_each_session_once) {
    relay_loop loop;
    const auto first = relay_countable(loop);
    EXPECT_EQ(count_sessions(loop), 1);
    const auto second = relay_countable(loop);
    EXPECT_EQ(count_sessions(loop), 2);
    EXPECT_EQ(count_sessions(loop), 2) << "and again";
}

TEST(relay_counts, wait_for_each_other) {
    relay_loop loop;
    const auto session = relay_countable(loop);
    std::vector<std::shared_ptr<session_tally>> tallies;
    std::atomic<int> counted = 0;
    for (int i = 0; i < 10; ++i) {
        tallies.push_back(std::make_shared<session_tally>());
        loop.count_sessions(tallies.back(), [&counted] { ++counted; });
    }
    EXPECT_EQ(count_sessions(loop), 1);
    EXPECT_EQ(counted, 10);
    for (const auto& tally : tallies) {
        EXPECT_EQ(tally->sessions, 1);
    }
}

TEST(relay_counts, go_on_while_sessions_come_and_go) {
    relay_loop loop;
    std::vector<relay_peers> sessions;
    for (int i = 0; i < 20; ++i) {
        sessions.push_back(relay_countable(loop));
    }
    std::atomic<bool> enough = false;
    std::thread coming_and_going([&] {
        while (!enough) {
            const auto session = relay_countable(loop);
            EXPECT_EQ(session.client.receive(login_answer().size()), login_answer());
        }
    });
    for (int i = 0; i < 20; ++i) {
        EXPECT_GE(count_sessions(loop), 20);
    }
    enough = true;
    coming_and_going.join();
}

TEST(relay_counts, are_not_told_by_a_loop_that_has_ended) {
    std::atomic<bool> is_reported = false;
    const auto tally = std::make_shared<session_tally>();
    {
        relay_loop loop;
        const auto session = relay_countable(loop);
        loop.count_sessions(tally, [&is_reported] { is_reported = true; });
    }
    EXPECT_TRUE(is_reported || tally.use_count() == 1) << "told, or let go of";
}

} // namespace
} // namespace wakegate::proxy
