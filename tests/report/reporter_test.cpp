#include "externalscaler.grpc.pb.h"
#include "proxy/report/reporter.hpp"
#include "tests/report/fake_replica.hpp"
#include "tests/support/captured_log.hpp"
#include "tests/support/silent_observer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace wakegate::proxy {
namespace {

namespace asio = boost::asio;
using support::fake_replica;

/// A cluster that nobody can wake, with its gate.
struct served_cluster {
    served_cluster(
        asio::io_context& control, std::string name, waiting_room& room, gate_observer& observer
    )
        : keeper(
              control, std::move(name), {}, {.address = {"127.0.0.1", 1}}, room, traffic, observer
          ) {}

    cluster_traffic traffic{1};
    gate_keeper keeper;
};

asio::awaitable<void> wait_at(gate_keeper& keeper, ticket who) {
    const auto deadline = clock::now() + std::chrono::hours(1);
    co_await keeper.enter(who, deadline);
}

/// The proxy as far as the reporter sees it: two clusters and the control thread.
struct reporting : testing::Test, support::silent_observer {
    ~reporting() override { end_reporter(); }

    void demand_changed(const gate_keeper& where, bool urgent) override {
        if (subject) {
            subject->demand_changed(where, urgent);
        }
    }

    void report_to(std::vector<host_port> scalers) {
        const std::vector<reported_cluster> clusters = {
            {.keeper = &app.keeper, .idle_counts = true},
            {.keeper = &other.keeper},
        };
        reporter_settings settings{
            .scalers = std::move(scalers),
            .lease = milliseconds(60'000),
            .proxy_name = "gate-a",
        };
        subject.emplace(control, std::move(settings), clusters);
        asio::post(control, [this] { subject->start(); });
        thread = std::thread([this] { control.run(); });
    }

    template <typename Job> auto on_control_thread(Job job) {
        std::packaged_task<decltype(job())()> task(std::move(job));
        auto done = task.get_future();
        asio::post(control, std::move(task));
        return done.get();
    }

    /// As the program does it: the control thread first.
    void end_reporter() {
        control.stop();
        if (thread.joinable()) {
            thread.join();
        }
        subject.reset();
    }

    void hold_a_client_of(served_cluster& where) {
        const auto who = where.keeper.draw_ticket();
        asio::co_spawn(control, wait_at(where.keeper, who), asio::detached);
    }

    asio::io_context control{1};
    asio::executor_work_guard<asio::io_context::executor_type> work{control.get_executor()};
    waiting_room room;
    served_cluster app{control, "app", room, *this};
    served_cluster other{control, "other", room, *this};
    std::optional<reporter> subject;
    std::thread thread;
};

void await(const std::function<bool()>& condition) {
    const auto limit = clock::now() + std::chrono::minutes(1);
    while (!condition()) {
        ASSERT_LT(clock::now(), limit);
    }
}

bool is_snapshot(const Demand& message) {
    return message.snapshot();
}

bool is_delta(const Demand& message) {
    return !message.snapshot();
}

bool is_leaving(const Demand& message) {
    return message.leaving();
}

/// One entry, by name; empty when the message does not mention it.
std::optional<ClusterDemand> of(const std::string& cluster, const Demand& message) {
    for (const auto& entry : message.clusters()) {
        if (entry.cluster() == cluster) {
            return entry;
        }
    }
    return std::nullopt;
}

void expect_growing_sequence(const std::vector<Demand>& heard) {
    for (std::size_t i = 1; i < heard.size(); ++i) {
        EXPECT_GT(heard[i].sequence(), heard[i - 1].sequence());
        EXPECT_EQ(heard[i].proxy_id(), heard[0].proxy_id());
    }
}

TEST_F(reporting, begins_with_a_snapshot_of_all_clusters) {
    fake_replica replica;
    report_to({replica.address()});
    const auto first = replica.hear_until([](const auto& heard) { return !heard.empty(); }).at(0);
    EXPECT_TRUE(first.snapshot());
    EXPECT_NE(first.proxy_id(), "");
    EXPECT_EQ(first.proxy_name(), "gate-a");
    EXPECT_EQ(first.lease_ms(), 60'000U);
    EXPECT_FALSE(first.leaving());
    ASSERT_EQ(first.clusters_size(), 2);
    EXPECT_EQ(first.clusters(0).cluster(), "app");
    EXPECT_TRUE(first.clusters(0).idle_counts());
    EXPECT_EQ(first.clusters(0).state(), ClusterDemand::UNKNOWN) << "nobody has looked at it";
    EXPECT_EQ(first.clusters(1).cluster(), "other");
    EXPECT_FALSE(first.clusters(1).idle_counts());
}

TEST_F(reporting, tells_of_a_held_client_in_a_message_about_that_cluster_alone) {
    fake_replica replica;
    report_to({replica.address()});
    (void)replica.hear(is_snapshot);
    hold_a_client_of(other);
    const auto news = replica.hear([](const Demand& message) {
        const auto entry = of("other", message);
        return is_delta(message) && entry && entry->state() == ClusterDemand::WAKING;
    });
    EXPECT_EQ(news.clusters_size(), 1) << news.ShortDebugString();
    EXPECT_EQ(of("other", news)->held(), 1U);
}

TEST_F(reporting, tells_of_work_after_a_silence) {
    fake_replica replica;
    report_to({replica.address()});
    (void)replica.hear(is_snapshot);
    on_control_thread([this] {
        auto& counters = app.traffic.of_worker(0);
        counters.session_opened();
        EXPECT_TRUE(counters.became_busy(clock::now()));
    });
    app.keeper.traffic_woke();
    const auto news = replica.hear(is_delta);
    ASSERT_EQ(news.clusters_size(), 1) << news.ShortDebugString();
    EXPECT_EQ(news.clusters(0).cluster(), "app");
    EXPECT_EQ(news.clusters(0).busy(), 1U);
    EXPECT_EQ(news.clusters(0).idle(), 0U);
    EXPECT_TRUE(news.clusters(0).has_last_activity_age_ms());
}

TEST_F(reporting, tells_in_time_of_what_nobody_called_urgent) {
    fake_replica replica;
    report_to({replica.address()});
    (void)replica.hear(is_snapshot);
    const auto idle_is = [](std::uint32_t count) {
        return [count](const Demand& message) {
            const auto entry = of("app", message);
            return entry && entry->idle() == count;
        };
    };
    // A snapshot may be due when the first one opens; behind it comes none for seconds.
    app.traffic.of_worker(0).session_opened();
    (void)replica.hear(idle_is(1));
    app.traffic.of_worker(0).session_opened();
    const auto news = replica.hear(idle_is(2));
    EXPECT_FALSE(news.snapshot());
    EXPECT_EQ(news.clusters_size(), 1) << news.ShortDebugString();
}

TEST_F(reporting, answers_each_request_to_resend_with_a_snapshot) {
    // Unasked, so many snapshots would take minutes.
    constexpr std::size_t enough = 30;
    fake_replica replica(0, [](const Demand& heard, std::size_t) {
        auto directive = fake_replica::acknowledge(heard, 0);
        directive.set_resend(true);
        return directive;
    });
    report_to({replica.address()});
    const auto heard = replica.hear_until([](const auto& all) { return all.size() >= enough; });
    for (const auto& message : heard) {
        EXPECT_TRUE(message.snapshot());
        EXPECT_EQ(message.clusters_size(), 2);
    }
    expect_growing_sequence(heard);
}

TEST_F(reporting, begins_anew_with_a_replica_that_died_and_came_back) {
    std::optional<fake_replica> replica(std::in_place);
    const auto address = replica->address();
    report_to({address});
    const auto before = replica->hear(is_snapshot);
    replica.reset();
    hold_a_client_of(app); // while nobody hears it
    replica.emplace(address.port);
    const auto heard = replica->hear_until([](const auto& all) { return !all.empty(); });
    ASSERT_FALSE(heard.empty());
    EXPECT_TRUE(heard[0].snapshot());
    EXPECT_EQ(of("app", heard[0])->held(), 1U);
    EXPECT_EQ(heard[0].proxy_id(), before.proxy_id());
    EXPECT_GT(heard[0].sequence(), before.sequence());
}

TEST_F(reporting, counts_the_replicas_that_have_answered) {
    fake_replica replica;
    std::optional<fake_replica> mortal(std::in_place);
    const auto connected = [this] {
        return on_control_thread([this] { return subject->connected(); });
    };
    report_to({replica.address(), mortal->address()});
    await([&] { return connected() == 2; });
    mortal.reset();
    await([&] { return connected() == 1; });
}

TEST_F(reporting, keeps_what_a_connected_replica_makes_of_a_cluster) {
    std::optional<fake_replica> replica(std::in_place, 0, [](const Demand& heard, std::size_t) {
        auto directive = fake_replica::acknowledge(heard, 0);
        directive.set_proxies(2);
        auto& told = *directive.add_clusters();
        told.set_cluster("app");
        told.set_answer(ClusterStanding::ACTIVE);
        told.set_reason("1 busy");
        told.set_asked(1);
        return directive;
    });
    report_to({replica->address()});
    const auto standing = [this] {
        return on_control_thread([this] { return subject->view().of("app"); });
    };
    await([&] { return standing().has_value(); });
    EXPECT_EQ(standing()->answer, scaler_answer::active);
    EXPECT_EQ(standing()->reason, "1 busy");
    EXPECT_EQ(on_control_thread([this] { return subject->view().proxies(); }), 2U);
    replica.reset();
    await([&] { return !standing(); });
}

TEST_F(reporting, tells_every_replica_everything) {
    fake_replica one;
    fake_replica two;
    report_to({one.address(), two.address()});
    for (auto* const replica : {&one, &two}) {
        (void)replica->hear(is_snapshot);
    }
    hold_a_client_of(app);
    for (auto* const replica : {&one, &two}) {
        const auto news = replica->hear([](const Demand& message) {
            const auto entry = of("app", message);
            return is_delta(message) && entry && entry->state() == ClusterDemand::WAKING;
        });
        EXPECT_EQ(of("app", news)->held(), 1U);
    }
    on_control_thread([this] { subject->leave(); });
    for (auto* const replica : {&one, &two}) {
        (void)replica->hear(is_leaving);
    }
    end_reporter();
    expect_growing_sequence(one.hear_to_end());
    expect_growing_sequence(two.hear_to_end());
}

TEST_F(reporting, loses_nothing_with_one_replica_when_another_is_gone) {
    fake_replica stays;
    std::optional<fake_replica> goes(std::in_place);
    report_to({stays.address(), goes->address()});
    (void)stays.hear(is_snapshot);
    (void)goes->hear(is_snapshot);
    goes.reset();
    hold_a_client_of(app);
    (void)stays.hear([](const Demand& message) {
        const auto entry = of("app", message);
        return entry && entry->held() == 1;
    });
}

TEST_F(reporting, says_goodbye_once_and_then_nothing) {
    fake_replica replica;
    report_to({replica.address()});
    (void)replica.hear(is_snapshot);
    on_control_thread([this] { subject->leave(); });
    const auto goodbye = replica.hear(is_leaving);
    EXPECT_EQ(goodbye.lease_ms(), 60'000U);
    for (int i = 0; i < 50; ++i) {
        on_control_thread([this] {
            subject->demand_changed(app.keeper, true);
            subject->leave();
        });
    }
    end_reporter();
    const auto heard = replica.hear_to_end();
    EXPECT_TRUE(heard.back().leaving());
    EXPECT_EQ(std::count_if(heard.begin(), heard.end(), is_leaving), 1);
}

TEST_F(reporting, goes_without_a_word_when_nobody_is_there_to_hear_it) {
    host_port deserted;
    {
        const fake_replica gone;
        deserted = gone.address();
    }
    report_to({deserted});
    hold_a_client_of(app);
    EXPECT_EQ(on_control_thread([this] { return subject->connected(); }), 0U);
    on_control_thread([this] { subject->leave(); });
}

TEST_F(reporting, warns_when_there_is_nobody_to_report_to) {
    support::captured_log captured;
    report_to({});
    EXPECT_FALSE(on_control_thread([this] { return subject->has_scalers(); }));
    const auto log = captured.take();
    EXPECT_NE(log.find("warning no_scalers"), std::string::npos) << log;
}

struct unheard_gates : reporting {
    scaler_failure await_failure_of(const std::string& address, scaler_failure::kind what) {
        scaler_failure found;
        await([&] {
            for (const auto& missed :
                 on_control_thread([this] { return subject->unreachable(); })) {
                if (missed.address == address) {
                    found = missed.failure;
                }
            }
            return found.what == what;
        });
        return found;
    }

    [[nodiscard]] hold_cause cause() const {
        return app.keeper.cause_of_hold(connection_kind::ordinary);
    }
};

TEST_F(unheard_gates, know_why_nobody_listens_at_a_scalers_address) {
    host_port deserted;
    {
        const fake_replica gone;
        deserted = gone.address();
    }
    report_to({deserted});
    const auto address = to_string(deserted);
    const auto failure = await_failure_of(address, scaler_failure::kind::refused);
    EXPECT_EQ(failure.reason, "Connection refused");
    EXPECT_EQ(cause(), hold_cause::no_scaler);
}

TEST_F(unheard_gates, know_that_a_scalers_name_has_no_address) {
    report_to({{"no-such-name.invalid", 9411}}); // RFC 6761, 6.4
    const auto missed = scaler_failure::kind::unresolved;
    EXPECT_NE(await_failure_of("no-such-name.invalid:9411", missed).reason, "");
    EXPECT_EQ(cause(), hold_cause::no_scaler);
}

TEST_F(unheard_gates, know_that_something_else_listens_at_a_scalers_address) {
    int port = 0;
    externalscaler::ExternalScaler::Service keda_alone;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&keda_alone);
    const auto server = builder.BuildAndStart();
    const host_port address{"127.0.0.1", static_cast<std::uint16_t>(port)};
    report_to({address});
    const auto missed = scaler_failure::kind::foreign;
    EXPECT_NE(await_failure_of(to_string(address), missed).reason, "");
    EXPECT_EQ(cause(), hold_cause::no_scaler);
}

TEST_F(unheard_gates, are_told_when_a_scaler_hears_them_and_when_it_is_lost) {
    std::optional<fake_replica> replica(std::in_place);
    report_to({replica->address()});
    await([&] { return cause() == hold_cause::waking; });
    EXPECT_TRUE(on_control_thread([this] { return subject->unreachable(); }).empty());
    replica.reset();
    await([&] { return cause() == hold_cause::no_scaler; });
}

TEST_F(unheard_gates, have_no_scaler_where_none_is_configured) {
    report_to({});
    await([&] { return cause() == hold_cause::no_scaler; });
}

TEST_F(unheard_gates, are_told_that_no_scaled_object_asks_until_one_does) {
    std::atomic<std::uint32_t> asked{0};
    fake_replica replica(0, [&asked](const Demand& heard, std::size_t) {
        auto directive = fake_replica::acknowledge(heard, 0);
        for (const auto& entry : heard.clusters()) {
            auto& told = *directive.add_clusters();
            told.set_cluster(entry.cluster());
            told.set_asked(entry.cluster() == "app" ? asked.load() : 1);
        }
        return directive;
    });
    report_to({replica.address()});
    hold_a_client_of(app);
    await([&] { return cause() == hold_cause::no_scaled_object; });
    EXPECT_EQ(other.keeper.cause_of_hold(connection_kind::ordinary), hold_cause::waking);
    asked = 1;
    await([&] { return cause() == hold_cause::waking; });
}

} // namespace
} // namespace wakegate::proxy
