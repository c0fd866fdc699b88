#include "proxy/cluster/cluster.hpp"
#include "proxy/status/session_collector.hpp"
#include "tests/support/relay_rig.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace wakegate::proxy {
namespace {

using support::connected_pair;

/// Adds itself to tallies, as sessions do.
class reported_owner final : public relay_owner {
public:
    explicit reported_owner(client_group_ptr group) : group_(std::move(group)) {}

    void logged_in(std::string, time_point) noexcept override {}

    void login_timed_out() noexcept override {}

    void busy_changed(bool, time_point) noexcept override {}

    void listening_changed(bool, time_point) noexcept override {}

    [[nodiscard]] server_group group() const noexcept override { return nullptr; }

    void add_to(session_tally& tally) const noexcept override {
        tally.add(group_, session_activity::idle, since_);
    }

    [[nodiscard]] std::string final_message(const relay_error&) const override { return {}; }

    void ended() noexcept override {}

private:
    client_group_ptr group_;
    time_point since_ = clock::now();
};

/// Two workers and a control thread that collect sessions.
class session_collector_test : public testing::Test {
protected:
    session_collector_test() {
        for (std::size_t i = 0; i < 2; ++i) {
            workers.push_back(std::make_unique<worker>(i));
        }
    }

    ~session_collector_test() override {
        control.stop();
        thread.join();
        workers.clear();
    }

    /// Adds a session on the worker's setup thread, as the proxy does; returns the far ends.
    std::vector<support::far_end> relay_one(std::size_t index) {
        auto [client, near_client] = connected_pair();
        auto [server, near_server] = connected_pair();
        auto group = on_setup_thread<client_group_ptr>(index, [&] { return this->group(index); });
        workers[index]->relay().add_session({
            .client = std::move(near_client),
            .server = std::move(near_server),
            .server_output = support::login_answer(),
            .owner = std::make_unique<reported_owner>(std::move(group)),
        });
        std::vector<support::far_end> ends;
        ends.emplace_back(std::move(client));
        ends.emplace_back(std::move(server));
        return ends;
    }

    client_group_ptr group(std::size_t index) {
        return setup_threads[index].groups.find_or_add(
            app, "app", "", ip_address(), wake_class::always
        );
    }

    /// Runs `call` on that worker's setup thread and waits for its result.
    template <typename Result, typename Call> Result on_setup_thread(std::size_t index, Call call) {
        std::promise<Result> result;
        boost::asio::post(workers[index]->setup_context(), [&] { result.set_value(call()); });
        return result.get_future().get();
    }

    session_collection collect(milliseconds limit = seconds(60)) {
        std::promise<session_collection> result;
        boost::asio::post(control, [&] {
            collector.collect(
                [&result](const session_collection& found) { result.set_value(found); }, limit
            );
        });
        return result.get_future().get();
    }

    [[nodiscard]] std::size_t
    count(const session_collection& found, session_activity activity) const {
        std::size_t sum = 0;
        for (const auto& row : found.groups.for_cluster(app, clock::now()).rows) {
            sum += row.activity == activity ? row.count : 0;
        }
        return sum;
    }

    cluster app{.settings = {}, .traffic = cluster_traffic(2), .gate = nullptr};
    std::vector<setup_thread_clients> setup_threads = std::vector<setup_thread_clients>(2);
    std::vector<std::unique_ptr<worker>> workers;
    boost::asio::io_context control{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
        control.get_executor()
    };
    session_collector collector{control, workers, setup_threads};
    std::thread thread{[this] { control.run(); }};
};

TEST_F(session_collector_test, hears_all_threads) {
    std::vector<std::vector<support::far_end>> sessions;
    sessions.push_back(relay_one(0));
    sessions.push_back(relay_one(1));
    sessions.push_back(relay_one(1));
    held_entry waiting;
    on_setup_thread<bool>(0, [&] {
        setup_threads[0].held.add(waiting, group(0), clock::now());
        return true;
    });
    const auto found = collect();
    EXPECT_EQ(found.threads, 4U);
    EXPECT_EQ(found.missing, 0U);
    EXPECT_EQ(count(found, session_activity::idle), 3U);
    EXPECT_EQ(count(found, session_activity::held), 1U);
    on_setup_thread<bool>(0, [&] {
        waiting.end();
        return true;
    });
}

TEST_F(session_collector_test, goes_without_a_thread_that_is_at_something_else) {
    const auto session = relay_one(1);
    std::promise<void> released;
    boost::asio::post(workers[0]->setup_context(), [&] { released.get_future().wait(); });
    const auto found = collect(milliseconds(1'000));
    EXPECT_GE(found.missing, 1U) << "one at least: a slow machine has others to wait for";
    EXPECT_LE(count(found, session_activity::idle), 1U);
    released.set_value();
}

TEST_F(session_collector_test, is_one_for_all_who_ask_meanwhile) {
    std::promise<void> released;
    boost::asio::post(workers[0]->setup_context(), [&] { released.get_future().wait(); });
    std::vector<std::promise<std::size_t>> counts(3);
    boost::asio::post(control, [&] {
        for (auto& each : counts) {
            collector.collect([&each](const session_collection& found) {
                each.set_value(found.missing);
            });
        }
        released.set_value();
    });
    for (auto& each : counts) {
        EXPECT_EQ(each.get_future().get(), 0U);
    }
}

TEST_F(session_collector_test, is_taken_while_sessions_come_and_go) {
    const auto session = relay_one(0);
    std::atomic<bool> enough = false;
    std::thread coming_and_going([&] {
        while (!enough) {
            const auto passing = relay_one(0);
            held_entry waiting;
            on_setup_thread<bool>(1, [&] {
                setup_threads[1].held.add(waiting, group(1), clock::now());
                return true;
            });
            on_setup_thread<bool>(1, [&] {
                waiting.end();
                return true;
            });
        }
    });
    for (int i = 0; i < 50; ++i) {
        EXPECT_GE(count(collect(), session_activity::idle), 1U);
    }
    enough = true;
    coming_and_going.join();
}

} // namespace
} // namespace wakegate::proxy
