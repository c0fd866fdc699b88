#include "proxy/gate/gate_keeper.hpp"
#include "proxy/gate/permit.hpp"
#include "tests/support/message_bytes.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace wakegate::proxy {
namespace {

namespace asio = boost::asio;

constexpr std::size_t places = 6;
constexpr auto patience = seconds(30); ///< a bound for a loaded machine, never a pace

/// Counts what the keeper says, from any thread's point of view.
struct counting_observer : gate_observer {
    void demand_changed(const gate_keeper&, bool urgent) override { urgent_news += urgent ? 1 : 0; }

    void cluster_woke(const gate_keeper&, duration) override { ++wakes; }

    void session_released(const gate_keeper&, duration) override { ++released; }

    void session_refused(const gate_keeper&, refusal) override { ++refused; }

    std::atomic<int> urgent_news{0};
    std::atomic<int> wakes{0};
    std::atomic<int> released{0};
    std::atomic<int> refused{0};
};

/// A server as far as a probe can tell: it turns every login away with 28000, or lets it in and
/// answers its queries with true.
class answering_server {
public:
    explicit answering_server(asio::io_context& context)
        : acceptor_(context, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
        accept();
    }

    [[nodiscard]] host_port address() const {
        return {"127.0.0.1", acceptor_.local_endpoint().port()};
    }

    void stop() { acceptor_.close(); }

    // Any thread.

    void let_in(bool everybody) { lets_in_ = everybody; }

    /// Waits for one login to be refused, beside those that were waited for before.
    [[nodiscard]] bool refuses_one() { return refusals_.try_acquire_for(patience); }

private:
    void accept() {
        acceptor_.async_accept([this](boost::system::error_code error, asio::ip::tcp::socket peer) {
            if (!error) {
                serve(std::make_shared<asio::ip::tcp::socket>(std::move(peer)));
                accept();
            }
        });
    }

    void serve(const std::shared_ptr<asio::ip::tcp::socket>& peer) {
        const auto received = std::make_shared<std::array<char, 1024>>();
        peer->async_read_some(
            asio::buffer(*received),
            [this, peer, received](boost::system::error_code error, std::size_t count) {
                if (error) {
                    return;
                }
                asio::write(*peer, asio::buffer(answer_to({received->data(), count})), error);
                serve(peer);
            }
        );
    }

    std::string answer_to(std::string_view message) {
        if (message == support::ssl_request()) {
            return "N";
        }
        if (message.front() == 'Q') {
            const auto one_column = std::string("\0\1", 2) + support::text("answer");
            const auto of_whatever_type = std::string(18, '\0');
            return support::frame('T', one_column + of_whatever_type) + support::data_row("t") +
                   support::command_complete("SELECT 1") + support::ready_for_query('I');
        }
        if (message.front() == 'X') {
            return {};
        }
        if (lets_in_) {
            return support::authentication_ok() + support::ready_for_query('I');
        }
        refusals_.release();
        return support::error("FATAL", "28000");
    }

    asio::ip::tcp::acceptor acceptor_;
    std::atomic<bool> lets_in_{false};
    std::counting_semaphore<> refusals_{0};
};

class gate_keeper_threads : public ::testing::Test {
protected:
    gate_keeper_threads()
        : work_(control_.get_executor()),
          server_(control_),
          traffic_(2),
          keeper_(
              control_,
              "app",
              {.max_connections = places,
               .release_batch = 8,
               .probe_interval = milliseconds(1),
               .probe_slow_interval = patience},
              {.address = server_.address(), .timeout = patience},
              room_,
              traffic_,
              observer_
          ),
          thread_([this] { control_.run(); }) {}

    ~gate_keeper_threads() override { stop_control(); }

    /// It may still be on its way out of the answer that let a front finish, so a front goes after
    /// it.
    void stop_control() {
        control_.stop();
        if (thread_.joinable()) {
            thread_.join();
        }
    }

    asio::io_context control_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    counting_observer observer_;
    answering_server server_;
    waiting_room room_;
    cluster_traffic traffic_;
    gate_keeper keeper_;
    std::thread thread_;
};

asio::awaitable<void> pass_once(gate_keeper& keeper, std::atomic<int>& served) {
    const auto here = co_await asio::this_coro::executor;
    const auto thread_before = std::this_thread::get_id();
    const auto who = keeper.draw_ticket();
    const auto deadline = clock::now() + std::chrono::minutes(5);
    const auto answer = co_await keeper.enter(who, deadline);
    EXPECT_FALSE(answer.why.has_value());
    EXPECT_EQ(std::this_thread::get_id(), thread_before) << "a session stays on its worker";
    permit admitted(keeper, who);
    admitted.login_over();
    ++served;
    (void)here;
}

TEST_F(gate_keeper_threads, serves_hundreds_of_sessions_of_two_workers_each_on_its_own) {
    constexpr int per_worker = 200;
    std::atomic<int> served{0};
    std::array<asio::io_context, 2> fronts;
    std::vector<std::thread> workers;
    for (auto& front : fronts) {
        workers.emplace_back([this, &served, &front] {
            for (int i = 0; i < per_worker; ++i) {
                asio::co_spawn(front, pass_once(keeper_, served), asio::detached);
            }
            front.run();
        });
    }
    for (auto& one : workers) {
        one.join();
    }
    stop_control();
    EXPECT_EQ(served, 2 * per_worker);
    EXPECT_EQ(observer_.refused, 0);
    EXPECT_GE(observer_.wakes, 1);
}

struct crowd {
    std::atomic<std::size_t> in{0};
    std::atomic<int> served{0};
};

/// As sessions do: by the turnstile if it is open.
asio::awaitable<void> come_and_go(gate_keeper& keeper, crowd& all, int times) {
    const auto here = co_await asio::this_coro::executor;
    for (int i = 0; i < times; ++i) {
        const auto who = keeper.draw_ticket();
        const bool passed = keeper.pass();
        if (!passed) {
            const auto answer = co_await keeper.enter(who, clock::now() + std::chrono::minutes(5));
            EXPECT_FALSE(answer.why.has_value());
        }
        permit admitted(keeper, who, passed);
        const auto in = ++all.in;
        EXPECT_LE(in, places);
        co_await asio::post(here, asio::use_awaitable);
        if (i % 3 != 0) {
            admitted.login_over();
            co_await asio::post(here, asio::use_awaitable);
        }
        --all.in;
    }
    ++all.served;
}

TEST_F(gate_keeper_threads, never_lets_in_more_than_there_are_places_whichever_way_they_come) {
    constexpr int per_worker = 4; // so that they have to wait at times
    constexpr int times = 500;
    crowd all;
    std::array<asio::io_context, 2> fronts;
    std::vector<std::thread> workers;
    for (auto& front : fronts) {
        workers.emplace_back([this, &all, &front] {
            for (int i = 0; i < per_worker; ++i) {
                asio::co_spawn(front, come_and_go(keeper_, all, times), asio::detached);
            }
            front.run();
        });
    }
    for (auto& one : workers) {
        one.join();
    }
    stop_control();
    control_.restart();
    control_.poll(); // what the last ones gave back
    EXPECT_EQ(all.served, 2 * per_worker);
    EXPECT_EQ(keeper_.demand().held, 0U);
    EXPECT_TRUE(keeper_.pass()) << "nothing is lost";
}

asio::awaitable<void> wait_for_refusal(gate_keeper& keeper, ticket who, std::atomic<int>& left) {
    const auto deadline = clock::now() + std::chrono::minutes(5);
    const auto answer = co_await keeper.enter(who, deadline);
    EXPECT_EQ(answer.why, refusal::hung_up);
    ++left;
}

TEST_F(gate_keeper_threads, lets_waiting_sessions_leave_from_any_thread) {
    asio::post(control_, [this] { server_.stop(); });
    std::atomic<int> left{0};
    asio::io_context front(1);
    std::vector<ticket> tickets;
    for (int i = 0; i < 100; ++i) {
        tickets.push_back(keeper_.draw_ticket());
        asio::co_spawn(front, wait_for_refusal(keeper_, tickets.back(), left), asio::detached);
    }
    front.poll(); // all have asked before the first leaves
    std::thread leaver([this, &tickets] {
        for (const auto who : tickets) {
            keeper_.leave(who);
        }
    });
    front.run();
    leaver.join();
    stop_control();
    EXPECT_EQ(left, 100);
    EXPECT_EQ(observer_.refused, 0) << "who hangs up is refused nothing";
}

asio::awaitable<void> pass_if_ready(gate_keeper& keeper, std::vector<std::optional<refusal>>& why) {
    const auto who = keeper.draw_ticket();
    const auto deadline = clock::now() + std::chrono::minutes(5);
    auto answer = co_await keeper.enter_if_ready(who, deadline);
    why.push_back(answer.why);
    if (!answer.why) {
        // As if the server had gone before the dial.
        answer = co_await keeper.come_back(who, deadline);
        why.push_back(answer.why);
    }
}

TEST_F(gate_keeper_threads, takes_nothing_of_one_who_defers_for_demand) {
    std::vector<std::optional<refusal>> answers;
    asio::io_context front(1);
    asio::co_spawn(front, pass_if_ready(keeper_, answers), asio::detached);
    front.run();
    front.restart();
    asio::co_spawn(front, pass_if_ready(keeper_, answers), asio::detached);
    front.run();
    stop_control();
    // The second comes right after a miss, which decides without another look.
    const std::vector<std::optional<refusal>> expected = {
        std::nullopt, refusal::may_not_wake, refusal::may_not_wake
    };
    EXPECT_EQ(answers, expected);
    EXPECT_EQ(observer_.wakes, 0);
    EXPECT_EQ(keeper_.demand(), cluster_demand());
}

asio::awaitable<void> come_back_often(gate_keeper& keeper, int times) {
    const auto who = keeper.draw_ticket();
    const auto deadline = clock::now() + std::chrono::minutes(5);
    auto answer = co_await keeper.enter(who, deadline);
    for (int i = 0; i < times && !answer.why; ++i) {
        answer = co_await keeper.come_back(who, deadline);
    }
    EXPECT_FALSE(answer.why.has_value());
}

TEST_F(gate_keeper_threads, takes_a_server_that_answers_probes_and_no_dials_for_woken_once) {
    asio::io_context front(1);
    asio::co_spawn(front, come_back_often(keeper_, 10), asio::detached);
    front.run();
    stop_control();
    EXPECT_EQ(observer_.wakes, 1);
}

asio::awaitable<void> ask_often(gate_keeper& keeper, int times, std::vector<bool>& answers) {
    for (int i = 0; i < times; ++i) {
        const bool is_there = co_await keeper.probe_now();
        answers.push_back(is_there);
    }
}

TEST_F(gate_keeper_threads, tells_whoever_asks_whether_the_server_is_there) {
    std::vector<bool> answers;
    asio::io_context front(1);
    asio::co_spawn(front, ask_often(keeper_, 3, answers), asio::detached);
    asio::co_spawn(front, ask_often(keeper_, 3, answers), asio::detached);
    front.run();
    EXPECT_EQ(answers, std::vector<bool>(6, true));
    asio::post(control_, [this] { server_.stop(); });
    answers.clear();
    front.restart();
    asio::co_spawn(front, ask_often(keeper_, 1, answers), asio::detached);
    front.run();
    EXPECT_EQ(answers, std::vector<bool>{false});
}

asio::awaitable<void> log_in_slowly(gate_keeper& keeper) {
    const auto who = keeper.draw_ticket();
    const bool passed = keeper.pass();
    if (!passed) {
        co_await keeper.enter(who, clock::now() + std::chrono::minutes(5));
    }
    permit admitted(keeper, who, passed);
    admitted.login_is_slow();
    co_await keeper.probe_now();
    if (who % 2 == 0) {
        admitted.login_over();
    }
}

TEST_F(gate_keeper_threads, loses_no_place_of_slow_logins_whichever_way_they_came) {
    asio::io_context front(1);
    for (int i = 0; i < 20; ++i) {
        asio::co_spawn(front, log_in_slowly(keeper_), asio::detached);
        front.run(); // the next may come by the turnstile
        front.restart();
    }
    stop_control();
    control_.restart();
    control_.poll();
    EXPECT_EQ(keeper_.demand().held, 0U);
    for (std::size_t i = 0; i < places; ++i) {
        EXPECT_TRUE(keeper_.pass());
    }
    EXPECT_FALSE(keeper_.pass());
}

/// The same with a probe that logs in, and all the time.
class gate_keeper_with_a_login : public gate_keeper_threads {
protected:
    ~gate_keeper_with_a_login() override { stop_control(); }

    gate_keeper keeper_with_login_{
        control_,
        "app",
        {.probe_interval = milliseconds(1), .probe_ready_interval = milliseconds(1)},
        {.address = server_.address(), .timeout = patience, .user = "monitor"},
        room_,
        traffic_,
        observer_
    };
};

TEST_F(gate_keeper_with_a_login, goes_on_believing_a_ready_server_that_refuses_its_probe) {
    server_.let_in(true);
    std::atomic<int> served{0};
    asio::io_context front(1);
    asio::co_spawn(front, pass_once(keeper_with_login_, served), asio::detached);
    front.run();
    server_.let_in(false);
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(server_.refuses_one());
    }
    stop_control();
    EXPECT_EQ(served, 1);
    EXPECT_EQ(keeper_with_login_.demand().state, gate_state::ready);
    EXPECT_EQ(observer_.wakes, 1);
}

} // namespace
} // namespace wakegate::proxy
