#include "proxy/session/slow_login.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/silent_observer.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

namespace wakegate::proxy {
namespace {

using namespace support;

/// A session whose server has been silent, and the prober of its cluster.
struct slow_sessions : testing::Test {
    slow_sessions() {
        where.settings.name = "app";
        where.settings.login_timeout = milliseconds(1);
        task.where = &where;
        task.endpoint = &where.settings;
        task.deadline = clock::now() + seconds(60);
    }

    void probe(const host_port& address) {
        where.gate = std::make_unique<gate_service>(
            context,
            "app",
            gate_settings(),
            probe_settings{.address = address, .timeout = seconds(60)},
            room,
            where.traffic,
            observer
        );
        admitted.emplace(*where.gate, 1);
        subject.emplace(client.near, task, 1, *admitted);
    }

    bool is_there() { return run(context, subject->server_is_there(server)); }

    asio::io_context context{1};
    silent_observer observer;
    global_queue_limit room;
    cluster where{.settings = {}, .traffic = cluster_traffic(1), .gate = nullptr};
    session_request task{};
    connected_pair client{context};
    async_socket server{tcp::socket(context)};
    std::optional<permit> admitted;
    std::optional<slow_login> subject;
};

TEST_F(slow_sessions, go_on_while_the_prober_finds_the_server_there) {
    const scripted_server answers(context, {.answer = authentication(3)});
    probe(answers.address());
    EXPECT_TRUE(is_there());
    EXPECT_TRUE(is_there());
    EXPECT_EQ(subject->refusal(), std::nullopt);
}

TEST_F(slow_sessions, give_up_when_the_prober_finds_nobody) {
    probe(deserted_address(context));
    task.deadline = clock::now();
    EXPECT_FALSE(is_there());
    EXPECT_EQ(subject->refusal(), std::nullopt) << "that is the gate's to tell";
}

TEST_F(slow_sessions, are_told_so_when_the_clients_time_is_over_and_the_server_is_there) {
    const scripted_server answers(context, {.answer = authentication(3)});
    task.deadline = clock::now();
    probe(answers.address());
    EXPECT_TRUE(is_there());
    while (clock::now() < subject->until()) {
    }
    const auto refusal = subject->refusal();
    ASSERT_TRUE(refusal.has_value());
    EXPECT_EQ(refusal->sqlstate, "57P03");
}

TEST_F(slow_sessions, end_when_the_client_hangs_up) {
    const scripted_server answers(context, {.answer = authentication(3)});
    probe(answers.address());
    EXPECT_TRUE(is_there());
    EXPECT_FALSE(subject->client_left());
    client.far.close();
    while (!subject->client_left()) {
        context.restart();
        context.run_one();
    }
    EXPECT_FALSE(is_there());
}

TEST_F(slow_sessions, have_their_login_timeout_though_the_hold_is_over) {
    where.settings.login_timeout = seconds(60);
    task.deadline = clock::now();
    probe(deserted_address(context));
    EXPECT_GT(subject->until(), task.deadline);
}

} // namespace
} // namespace wakegate::proxy
