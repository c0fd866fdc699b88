#include "proxy/session/relayed_session.hpp"
#include "tests/support/silent_observer.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wakegate::proxy {
namespace {

struct urgent_news : support::silent_observer {
    void demand_changed(const gate_service&, bool urgent) override { count += urgent ? 1 : 0; }

    int count = 0;
};

/// A session on its cluster's only worker, and its counters there.
struct relayed_session_test : testing::Test {
    relayed_session_test() {
        target.settings.endpoint.backend = {"10.0.0.1", 5432};
        target.gate = std::make_unique<gate_service>(
            control, "app", gate_settings(), probe_settings(), room, target.traffic, observer
        );
    }

    void open(wake_class what_it_may = wake_class::always) {
        permit admitted(*target.gate, 1);
        const client_group_ptr group(
            new client_group(target, "app", "web", ip_address(), what_it_may)
        );
        subject.emplace(
            group,
            now,
            target_with(""),
            std::move(admitted),
            cancels,
            refused,
            std::move(own_key),
            0,
            load_guard(load)
        );
    }

    [[nodiscard]] const backend_endpoint& endpoint() const {
        return target.endpoints.empty() ? target.settings.endpoint : target.endpoints.front();
    }

    [[nodiscard]] cancel_target target_with(const std::string& key) const {
        const auto address = boost::asio::ip::make_address("10.0.0.7");
        return {.endpoint = &endpoint(), .server = {address, 5432}, .backend_key = key};
    }

    [[nodiscard]] std::uint32_t busy() const { return target.traffic.sum().busy; }

    [[nodiscard]] std::uint32_t idle() const { return target.traffic.sum().idle; }

    boost::asio::io_context control{1};
    urgent_news observer;
    global_queue_limit room;
    cluster target{.settings = {}, .traffic = cluster_traffic(1), .gate = nullptr};
    cancel_registry cancels;
    std::vector<std::string> refusals;
    relayed_session::refusal_counter refused =
        [this](std::string_view name, std::string_view code) {
            refusals.push_back(std::string(name) + ' ' + std::string(code));
        };
    std::optional<registered_key> own_key;
    std::shared_ptr<load_guard::counter> load = std::make_shared<load_guard::counter>(0);
    std::optional<relayed_session> subject;
    time_point now = clock::now();
};

TEST_F(relayed_session_test, counts_from_its_login_to_its_end) {
    open();
    EXPECT_EQ(busy() + idle(), 0U) << "until then it is held";
    EXPECT_EQ(target.gate->demand().held, 1U);
    subject->logged_in("", now);
    EXPECT_EQ(idle(), 1U);
    EXPECT_EQ(target.gate->demand().held, 0U);
    subject->busy_changed(true, now);
    EXPECT_EQ(busy(), 1U);
    EXPECT_EQ(idle(), 0U);
    subject->busy_changed(false, now);
    EXPECT_EQ(idle(), 1U);
    subject->ended();
    EXPECT_EQ(busy() + idle(), 0U);
}

TEST_F(relayed_session_test, leaves_nothing_behind_when_it_ends_in_the_middle_of_its_work) {
    open();
    subject->logged_in("", now);
    subject->busy_changed(true, now);
    subject->ended();
    EXPECT_EQ(busy() + idle(), 0U);
}

TEST_F(relayed_session_test, was_never_there_when_it_ends_before_its_login) {
    open();
    subject->ended();
    EXPECT_EQ(busy() + idle(), 0U);
    EXPECT_EQ(target.traffic.sum().last_activity, std::nullopt);
}

TEST_F(relayed_session_test, is_held_no_more_when_its_login_fails) {
    open();
    subject->ended();
    EXPECT_EQ(target.gate->demand().held, 0U);
}

TEST_F(relayed_session_test, that_may_not_wake_is_no_demand_before_its_login) {
    open(wake_class::defer);
    EXPECT_EQ(target.gate->demand().held, 0U);
}

TEST_F(relayed_session_test, is_refused_when_the_clients_time_for_its_login_is_over) {
    target.settings.name = "app";
    open();
    subject->login_timed_out();
    EXPECT_EQ(refusals, std::vector<std::string>{"app 57014"});
}

TEST_F(relayed_session_test, can_be_cancelled_from_its_login_to_its_end) {
    open();
    const std::string server_key = "pid!secr";
    EXPECT_EQ(cancels.find(server_key), std::nullopt);
    subject->logged_in(server_key, now);
    EXPECT_EQ(cancels.find(server_key), target_with(server_key));
    subject->ended();
    EXPECT_EQ(cancels.find(server_key), std::nullopt);
}

TEST_F(relayed_session_test, is_cancelled_where_its_route_has_led_it) {
    const std::string server_key = "pid!secr";
    target.endpoints.emplace_back();
    open();
    subject->logged_in(server_key, now);
    EXPECT_EQ(cancels.find(server_key), target_with(server_key));
}

TEST_F(relayed_session_test, with_a_key_of_ours_keeps_its_entry_and_no_other_key) {
    own_key.emplace(cancels.add("pid!ours", target_with("pid!secr")));
    open();
    subject->logged_in("pid!secr", now);
    EXPECT_EQ(cancels.find("pid!secr"), std::nullopt) << "the server's own is no key here";
    EXPECT_TRUE(cancels.find("pid!ours"));
    subject->ended();
    EXPECT_FALSE(cancels.find("pid!ours"));
}

TEST_F(relayed_session_test, with_a_key_of_ours_that_says_all_by_itself_has_no_entry) {
    own_key.emplace();
    open();
    subject->logged_in("pid!secr", now);
    EXPECT_EQ(cancels.find("pid!secr"), std::nullopt);
}

TEST_F(relayed_session_test, that_listens_is_idle_unless_listening_counts) {
    open();
    subject->logged_in("", now);
    subject->listening_changed(true, now);
    EXPECT_EQ(busy(), 0U);
}

TEST_F(relayed_session_test, that_listens_is_busy_where_listening_counts) {
    target.settings.count_listening_sessions = true;
    open();
    subject->logged_in("", now);
    subject->listening_changed(true, now);
    EXPECT_EQ(busy(), 1U);
    subject->busy_changed(true, now);
    subject->busy_changed(false, now);
    EXPECT_EQ(busy(), 1U) << "it still listens";
    subject->listening_changed(false, now);
    EXPECT_EQ(busy(), 0U);
    EXPECT_EQ(idle(), 1U);
}

TEST_F(relayed_session_test, is_news_only_when_its_work_ends_a_silence) {
    open();
    subject->logged_in("", now);
    const auto news_after = [this](duration silence) {
        now += silence;
        subject->busy_changed(true, now);
        subject->busy_changed(false, now);
        control.restart();
        control.poll();
        return std::exchange(observer.count, 0);
    };
    EXPECT_EQ(news_after(traffic_counters::edge_silence), 1);
    EXPECT_EQ(news_after(traffic_counters::edge_silence - milliseconds(1)), 0);
    EXPECT_EQ(news_after(seconds(60)), 1);
}

TEST_F(relayed_session_test, that_only_defers_counts_as_any_other) {
    open(wake_class::defer);
    subject->logged_in("", now);
    EXPECT_EQ(idle(), 1U);
    subject->busy_changed(true, now);
    EXPECT_EQ(busy(), 1U);
}

TEST_F(relayed_session_test, that_never_keeps_awake_leaves_no_trace_in_the_demand) {
    target.settings.count_listening_sessions = true;
    open(wake_class::never);
    subject->logged_in("pid!secr", now);
    subject->busy_changed(true, now);
    subject->listening_changed(true, now);
    EXPECT_EQ(busy() + idle(), 0U);
    EXPECT_EQ(target.traffic.sum().last_activity, std::nullopt);
    EXPECT_NE(cancels.find("pid!secr"), std::nullopt) << "it can be cancelled as any other";
    subject->ended();
    EXPECT_EQ(busy() + idle(), 0U);
    control.poll();
    EXPECT_EQ(observer.count, 0);
}

TEST_F(relayed_session_test, tells_what_it_does_and_since_when) {
    const auto counts_of_session = [this] {
        session_tally tally;
        subject->add_to(tally);
        EXPECT_EQ(tally.groups().size(), 1U);
        return tally.groups().begin()->second.counts;
    };
    const auto count_of = [](session_activity activity, time_point since) {
        counts_by_activity counts;
        counts[activity] = {.count = 1, .since = since};
        return counts;
    };
    const auto arrival = now;
    open();
    EXPECT_EQ(counts_of_session(), count_of(session_activity::held, arrival));
    const auto logged_in = now += seconds(1);
    subject->logged_in("", logged_in);
    EXPECT_EQ(counts_of_session(), count_of(session_activity::idle, logged_in));
    const auto query_start = now += seconds(1);
    subject->busy_changed(true, query_start);
    EXPECT_EQ(counts_of_session(), count_of(session_activity::busy, query_start));
    const auto query_end = now += seconds(1);
    subject->busy_changed(false, query_end);
    EXPECT_EQ(counts_of_session(), count_of(session_activity::idle, query_end));
    target.settings.count_listening_sessions = true;
    subject->listening_changed(true, now + seconds(1));
    EXPECT_EQ(counts_of_session(), count_of(session_activity::busy, query_end))
        << "as demand counts it";
}

TEST_F(relayed_session_test, that_never_keeps_awake_tells_what_it_does_all_the_same) {
    open(wake_class::never);
    subject->logged_in("", now);
    subject->busy_changed(true, now);
    session_tally tally;
    subject->add_to(tally);
    EXPECT_EQ(tally.groups().begin()->second.counts[session_activity::busy].count, 1U);
}

TEST_F(relayed_session_test, gives_its_share_of_the_worker_back) {
    open();
    EXPECT_EQ(*load, 1);
    subject.reset();
    EXPECT_EQ(*load, 0);
}

} // namespace
} // namespace wakegate::proxy
