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
struct slow_login_test : testing::Test {
    slow_login_test() {
        target.settings.name = "app";
        target.settings.endpoint.login_timeout = milliseconds(1);
        request.target = &target;
        request.endpoint = &target.settings.endpoint;
        request.deadline = clock::now() + seconds(60);
    }

    void probe(const host_port& address) {
        target.gate = std::make_unique<gate_service>(
            context,
            "app",
            gate_settings(),
            probe_settings{.address = address, .timeout = seconds(60)},
            room,
            target.traffic,
            observer
        );
        admitted.emplace(*target.gate, 1);
        subject.emplace(client.near, request, 1, *admitted);
    }

    bool is_there() { return run(context, subject->is_server_alive(server)); }

    asio::io_context context{1};
    silent_observer observer;
    global_queue_limit room;
    cluster target{.settings = {}, .traffic = cluster_traffic(1), .gate = nullptr};
    session_request request{};
    connected_pair client{context};
    async_socket server{tcp::socket(context)};
    std::optional<permit> admitted;
    std::optional<slow_login> subject;
};

TEST_F(slow_login_test, go_on_while_the_prober_finds_the_server_there) {
    const scripted_server answers(context, {.answer = authentication(3)});
    probe(answers.address());
    EXPECT_TRUE(is_there());
    EXPECT_TRUE(is_there());
    EXPECT_FALSE(subject->timed_out());
}

TEST_F(slow_login_test, give_up_when_the_prober_finds_nobody) {
    probe(deserted_address(context));
    request.deadline = clock::now();
    EXPECT_FALSE(is_there());
    EXPECT_FALSE(subject->timed_out()) << "that is the gate's to tell";
}

TEST_F(slow_login_test, are_told_so_when_the_clients_time_is_over_and_the_server_is_there) {
    const scripted_server answers(context, {.answer = authentication(3)});
    request.deadline = clock::now();
    probe(answers.address());
    EXPECT_TRUE(is_there());
    while (clock::now() < subject->deadline()) {
    }
    EXPECT_TRUE(subject->timed_out());
}

TEST_F(slow_login_test, end_when_the_client_hangs_up) {
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

TEST_F(slow_login_test, have_their_login_timeout_though_the_hold_is_over) {
    target.settings.endpoint.login_timeout = seconds(60);
    request.deadline = clock::now();
    probe(deserted_address(context));
    EXPECT_GT(subject->deadline(), request.deadline);
}

} // namespace
} // namespace wakegate::proxy
