#include "tests/report/fake_replica.hpp"
#include "tests/report/reporting.hpp"
#include "tests/support/captured_log.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wakegate::proxy {
namespace {

using support::await;
using support::fake_replica;

struct reporter_test : support::reporting {};

bool is_snapshot(const DemandReport& message) {
    return message.snapshot();
}

bool is_delta(const DemandReport& message) {
    return !message.snapshot();
}

bool is_leaving(const DemandReport& message) {
    return message.leaving();
}

/// One entry, by name; empty when the message does not mention it.
std::optional<ClusterDemand> find_entry(const std::string& cluster, const DemandReport& message) {
    for (const auto& entry : message.clusters()) {
        if (entry.cluster() == cluster) {
            return entry;
        }
    }
    return std::nullopt;
}

void expect_growing_sequence(const std::vector<DemandReport>& messages) {
    for (std::size_t i = 1; i < messages.size(); ++i) {
        EXPECT_GT(messages[i].sequence(), messages[i - 1].sequence());
        EXPECT_EQ(messages[i].proxy_id(), messages[0].proxy_id());
    }
}

TEST_F(reporter_test, begins_with_a_snapshot_of_all_clusters) {
    fake_replica replica;
    report_to({replica.address()});
    const auto first =
        replica.hear_until([](const auto& messages) { return !messages.empty(); }).at(0);
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

TEST_F(reporter_test, tells_of_a_held_client_in_a_message_about_that_cluster_alone) {
    fake_replica replica;
    report_to({replica.address()});
    (void)replica.receive(is_snapshot);
    hold_a_client_of(other);
    const auto report = replica.receive([](const DemandReport& message) {
        const auto entry = find_entry("other", message);
        return is_delta(message) && entry && entry->state() == ClusterDemand::WAKING;
    });
    EXPECT_EQ(report.clusters_size(), 1) << report.ShortDebugString();
    EXPECT_EQ(find_entry("other", report)->held(), 1U);
}

TEST_F(reporter_test, tells_of_work_after_a_silence) {
    fake_replica replica;
    report_to({replica.address()});
    (void)replica.receive(is_snapshot);
    on_control_thread([this] {
        auto& counters = app.traffic.of_worker(0);
        counters.session_opened();
        EXPECT_TRUE(counters.became_busy(clock::now()));
    });
    app.gate.traffic_resumed();
    const auto report = replica.receive(is_delta);
    ASSERT_EQ(report.clusters_size(), 1) << report.ShortDebugString();
    EXPECT_EQ(report.clusters(0).cluster(), "app");
    EXPECT_EQ(report.clusters(0).busy(), 1U);
    EXPECT_EQ(report.clusters(0).idle(), 0U);
    EXPECT_TRUE(report.clusters(0).has_last_activity_age_ms());
}

TEST_F(reporter_test, tells_in_time_of_what_nobody_called_urgent) {
    fake_replica replica;
    report_to({replica.address()});
    (void)replica.receive(is_snapshot);
    const auto idle_is = [](std::uint32_t count) {
        return [count](const DemandReport& message) {
            const auto entry = find_entry("app", message);
            return entry && entry->idle() == count;
        };
    };
    // A snapshot may be due when the first session opens; after it none is due for seconds.
    app.traffic.of_worker(0).session_opened();
    (void)replica.receive(idle_is(1));
    app.traffic.of_worker(0).session_opened();
    const auto report = replica.receive(idle_is(2));
    EXPECT_FALSE(report.snapshot());
    EXPECT_EQ(report.clusters_size(), 1) << report.ShortDebugString();
}

TEST_F(reporter_test, answers_each_request_to_resend_with_a_snapshot) {
    // Without requests this many snapshots would take minutes.
    constexpr std::size_t enough = 30;
    fake_replica replica(0, [](const DemandReport& message, std::size_t) {
        auto ack = fake_replica::acknowledge(message, 0);
        ack.set_request_snapshot(true);
        return ack;
    });
    report_to({replica.address()});
    const auto messages = replica.hear_until([](const auto& all) { return all.size() >= enough; });
    for (const auto& message : messages) {
        EXPECT_TRUE(message.snapshot());
        EXPECT_EQ(message.clusters_size(), 2);
    }
    expect_growing_sequence(messages);
}

TEST_F(reporter_test, begins_anew_with_a_replica_that_died_and_came_back) {
    std::optional<fake_replica> replica(std::in_place);
    const auto address = replica->address();
    report_to({address});
    const auto before = replica->receive(is_snapshot);
    replica.reset();
    hold_a_client_of(app); // while no replica listens
    replica.emplace(address.port);
    const auto messages = replica->hear_until([](const auto& all) { return !all.empty(); });
    ASSERT_FALSE(messages.empty());
    EXPECT_TRUE(messages[0].snapshot());
    EXPECT_EQ(find_entry("app", messages[0])->held(), 1U);
    EXPECT_EQ(messages[0].proxy_id(), before.proxy_id());
    EXPECT_GT(messages[0].sequence(), before.sequence());
}

TEST_F(reporter_test, counts_the_replicas_that_have_answered) {
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

TEST_F(reporter_test, keeps_what_a_connected_replica_makes_of_a_cluster) {
    std::optional<fake_replica> replica(
        std::in_place,
        0,
        [](const DemandReport& message, std::size_t) {
            auto ack = fake_replica::acknowledge(message, 0);
            ack.set_proxies(2);
            auto& status = *ack.add_clusters();
            status.set_cluster("app");
            status.set_answer(ClusterStatus::ACTIVE);
            status.set_reason("1 busy");
            status.set_scaled_objects(1);
            return ack;
        }
    );
    report_to({replica->address()});
    const auto status = [this] {
        return on_control_thread([this] { return subject->view().for_cluster("app"); });
    };
    await([&] { return status().has_value(); });
    EXPECT_EQ(status()->answer, scaler_answer::active);
    EXPECT_EQ(status()->reason, "1 busy");
    EXPECT_EQ(on_control_thread([this] { return subject->view().proxies(); }), 2U);
    replica.reset();
    await([&] { return !status(); });
}

TEST_F(reporter_test, tells_every_replica_everything) {
    fake_replica one;
    fake_replica two;
    report_to({one.address(), two.address()});
    for (auto* const replica : {&one, &two}) {
        (void)replica->receive(is_snapshot);
    }
    hold_a_client_of(app);
    for (auto* const replica : {&one, &two}) {
        const auto report = replica->receive([](const DemandReport& message) {
            const auto entry = find_entry("app", message);
            return is_delta(message) && entry && entry->state() == ClusterDemand::WAKING;
        });
        EXPECT_EQ(find_entry("app", report)->held(), 1U);
    }
    on_control_thread([this] { subject->leave(); });
    for (auto* const replica : {&one, &two}) {
        (void)replica->receive(is_leaving);
    }
    end_reporter();
    expect_growing_sequence(one.receive_to_end());
    expect_growing_sequence(two.receive_to_end());
}

TEST_F(reporter_test, loses_nothing_with_one_replica_when_another_is_gone) {
    fake_replica stays;
    std::optional<fake_replica> goes(std::in_place);
    report_to({stays.address(), goes->address()});
    (void)stays.receive(is_snapshot);
    (void)goes->receive(is_snapshot);
    goes.reset();
    hold_a_client_of(app);
    (void)stays.receive([](const DemandReport& message) {
        const auto entry = find_entry("app", message);
        return entry && entry->held() == 1;
    });
}

TEST_F(reporter_test, says_goodbye_once_and_then_nothing) {
    fake_replica replica;
    report_to({replica.address()});
    (void)replica.receive(is_snapshot);
    on_control_thread([this] { subject->leave(); });
    const auto last_report = replica.receive(is_leaving);
    EXPECT_EQ(last_report.lease_ms(), 60'000U);
    for (int i = 0; i < 50; ++i) {
        on_control_thread([this] {
            subject->demand_changed(app.gate, true);
            subject->leave();
        });
    }
    end_reporter();
    const auto messages = replica.receive_to_end();
    EXPECT_TRUE(messages.back().leaving());
    EXPECT_EQ(std::count_if(messages.begin(), messages.end(), is_leaving), 1);
}

TEST_F(reporter_test, goes_without_a_word_when_nobody_is_there_to_hear_it) {
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

TEST_F(reporter_test, warns_when_there_is_nobody_to_report_to) {
    support::captured_log captured;
    report_to({});
    EXPECT_FALSE(on_control_thread([this] { return subject->has_scalers(); }));
    const auto log = captured.take();
    EXPECT_NE(log.find("warning no_scalers"), std::string::npos) << log;
}

} // namespace
} // namespace wakegate::proxy
