#pragma once

#include "proxy/gate/gate_service.hpp"
#include "proxy/gate/permit.hpp"
#include "tests/support/message_bytes.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>

/// A gate service on its own control thread, with a server that answers probes.
namespace wakegate::proxy {

namespace asio = boost::asio;

inline constexpr std::size_t max_connections = 6;
inline constexpr auto patience = seconds(30); ///< longest wait; only failing tests reach it

/// Counts events; any thread may read.
struct counting_observer : gate_observer {
    void demand_changed(const gate_service&, bool urgent) override {
        urgent_changes += urgent ? 1 : 0;
    }

    void cluster_woke(const gate_service&, duration) override { ++wakes; }

    void session_released(const gate_service&, duration) override { ++released; }

    void session_refused(const gate_service&, gate_error) override { ++refused; }

    std::atomic<int> urgent_changes{0};
    std::atomic<int> wakes{0};
    std::atomic<int> released{0};
    std::atomic<int> refused{0};
};

/// A server as a probe sees it: rejects every login with 28000, or accepts it and answers its
/// queries with true.
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

    void let_in(bool lets_in) { lets_in_ = lets_in; }

    /// Waits for one more login to be rejected than earlier calls waited for.
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

class gate_service_threads : public ::testing::Test {
protected:
    gate_service_threads()
        : work_(control_.get_executor()),
          server_(control_),
          traffic_(2),
          gate_(
              control_,
              "app",
              {.max_connections = max_connections,
               .release_batch = 8,
               .probe_interval = milliseconds(1),
               .probe_slow_interval = patience},
              {.address = server_.address(), .timeout = patience},
              queue_limit_,
              traffic_,
              observer_
          ),
          thread_([this] { control_.run(); }) {}

    ~gate_service_threads() override { stop_control(); }

    /// Call it before another context is destroyed: the control thread may still post to it.
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
    global_queue_limit queue_limit_;
    cluster_traffic traffic_;
    gate_service gate_;
    std::thread thread_;
};

/// Runs one session until the end of its login.
inline asio::awaitable<void> pass_once(gate_service& gate, std::atomic<int>& served) {
    const auto thread_before = std::this_thread::get_id();
    const auto id = gate.draw_ticket();
    const auto deadline = clock::now() + std::chrono::minutes(5);
    const auto answer = co_await gate.enter(id, deadline);
    EXPECT_EQ(answer.outcome, wait_outcome::admitted);
    EXPECT_EQ(std::this_thread::get_id(), thread_before) << "a session stays on its worker";
    permit admitted(gate, id);
    admitted.login_ended();
    ++served;
}

} // namespace wakegate::proxy
