#include "proxy/relay/duplex.hpp"
#include "tests/support/relay_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include <sys/epoll.h>

namespace wakegate::proxy {
namespace {

using namespace support;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// One session; the test calls it in place of the loop, and sets its time.
class final_error_message : public testing::Test {
protected:
    final_error_message() { EXPECT_EQ(session_->start(now_), duplex::progress::waiting); }

    duplex::progress serve(relay_side side, std::uint32_t events = EPOLLIN) {
        pollfd ready{.fd = session_->descriptor(side), .events = POLLIN, .revents = 0};
        EXPECT_EQ(::poll(&ready, 1, -1), 1);
        return session_->on_events(side, events, buffer_, now_);
    }

    /// The client has asked `sql`, and the server answers.
    void answer(std::string_view sql, std::string_view reply) {
        client_.send_all(query(sql));
        EXPECT_EQ(serve(relay_side::client), duplex::progress::waiting);
        EXPECT_EQ(server_.receive(query(sql).size()), query(sql));
        server_.send_all(reply);
        EXPECT_EQ(serve(relay_side::server), duplex::progress::waiting);
    }

    duplex::progress silence() {
        now_ = session_->due();
        return session_->on_due(now_);
    }

    /// The wait is bounded however late the client's kernel acknowledges all bytes.
    [[nodiscard]] bool ends_by_itself() {
        constexpr int enough = 1'000;
        for (int i = 0; i < enough; ++i) {
            if (silence() == duplex::progress::over) {
                return true;
            }
        }
        return false;
    }

    /// Reads what the client has received so far, without waiting.
    [[nodiscard]] std::string heard_so_far() const {
        std::array<char, 65536> chunk{};
        const auto count = ::recv(client_.descriptor(), chunk.data(), chunk.size(), MSG_DONTWAIT);
        return count > 0 ? std::string(chunk.data(), static_cast<std::size_t>(count)) : "";
    }

    void hear_login() { EXPECT_EQ(heard_so_far(), login_answer()); }

    std::pair<file_descriptor, file_descriptor> client_ends_ = connected_pair();
    std::pair<file_descriptor, file_descriptor> server_ends_ = connected_pair();
    far_end client_{std::move(client_ends_.first)};
    far_end server_{std::move(server_ends_.first)};
    std::shared_ptr<recorded_events> events_ = std::make_shared<recorded_events>();
    time_point now_{std::chrono::hours(1)};
    std::array<char, 65536> buffer_{};
    std::unique_ptr<duplex> session_ = std::make_unique<duplex>(relay_start{
        .client = std::move(client_ends_.second),
        .server = std::move(server_ends_.second),
        .server_output = login_answer(),
        .owner = std::make_unique<recording_owner>(events_),
    });
};

const std::string done = command_complete("SELECT 1") + ready_for_query('I');

TEST_F(final_error_message, never_comes_in_the_turn_of_the_ready_for_query) {
    hear_login();
    client_.send_all(query("SELECT 1"));
    EXPECT_EQ(serve(relay_side::client), duplex::progress::waiting);
    EXPECT_EQ(session_->drain(now_), duplex::progress::waiting);
    server_.send_all(done);
    EXPECT_EQ(serve(relay_side::server), duplex::progress::waiting);
    EXPECT_EQ(heard_so_far(), done);
    EXPECT_TRUE(session_->is_timed());
}

TEST_F(final_error_message, answers_the_next_query_which_no_server_hears) {
    hear_login();
    EXPECT_EQ(session_->drain(now_), duplex::progress::waiting);
    EXPECT_EQ(server_.receive_all(), "");
    EXPECT_THAT(heard_so_far(), IsEmpty());
    client_.send_all(query("INSERT INTO item VALUES (1)"));
    EXPECT_EQ(serve(relay_side::client), duplex::progress::waiting);
    EXPECT_THAT(client_.receive_all(), HasSubstr("C57P01"));
    EXPECT_TRUE(ends_by_itself());
}

TEST_F(final_error_message, answers_the_next_parse) {
    hear_login();
    EXPECT_EQ(session_->drain(now_), duplex::progress::waiting);
    client_.send_all(frame('P', std::string("\0SELECT 1\0\0\0", 12)));
    EXPECT_EQ(serve(relay_side::client), duplex::progress::waiting);
    EXPECT_THAT(client_.receive_all(), HasSubstr("C57P01"));
}

TEST_F(final_error_message, comes_unasked_after_a_silence) {
    hear_login();
    EXPECT_EQ(session_->drain(now_), duplex::progress::waiting);
    EXPECT_EQ(silence(), duplex::progress::waiting);
    EXPECT_THAT(client_.receive_all(), HasSubstr("C57P01"));
    EXPECT_TRUE(ends_by_itself());
}

TEST_F(final_error_message, waits_for_a_client_that_has_not_got_its_answer) {
    hear_login();
    const int small = 16 * 1024;
    ::setsockopt(client_.descriptor(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    const auto much = data_row(std::string(50'000, 'x')) + done;
    answer("SELECT 1", much);
    EXPECT_EQ(session_->drain(now_), duplex::progress::waiting);
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(silence(), duplex::progress::waiting);
    }
    EXPECT_EQ(client_.receive(much.size()), much);
    EXPECT_THAT(heard_so_far(), IsEmpty());
}

TEST_F(final_error_message, is_no_answer_to_terminate) {
    hear_login();
    EXPECT_EQ(session_->drain(now_), duplex::progress::waiting);
    client_.send_all(terminate());
    EXPECT_EQ(serve(relay_side::client), duplex::progress::over);
    session_ = nullptr;
    EXPECT_EQ(client_.receive_all(), "");
}

TEST_F(final_error_message, is_spared_a_client_that_hangs_up) {
    EXPECT_EQ(session_->drain(now_), duplex::progress::waiting);
    client_.shutdown_send();
    EXPECT_EQ(serve(relay_side::client, EPOLLIN | EPOLLRDHUP), duplex::progress::over);
}

TEST_F(final_error_message, reaches_a_client_that_asks_and_stops_sending) {
    hear_login();
    EXPECT_EQ(session_->drain(now_), duplex::progress::waiting);
    client_.send_all(query("SELECT 1"));
    client_.shutdown_send();
    (void)serve(relay_side::client, EPOLLIN | EPOLLRDHUP);
    session_ = nullptr;
    EXPECT_THAT(client_.receive_all(), HasSubstr("C57P01"));
}

TEST_F(final_error_message, of_a_server_that_is_lost_at_rest_answers_the_next_query) {
    hear_login();
    answer("SELECT 1", done);
    server_.hang_up();
    EXPECT_EQ(serve(relay_side::server, EPOLLIN | EPOLLRDHUP), duplex::progress::waiting);
    EXPECT_EQ(heard_so_far(), done);
    client_.send_all(query("SELECT 2"));
    EXPECT_EQ(serve(relay_side::client), duplex::progress::waiting);
    EXPECT_THAT(client_.receive_all(), HasSubstr("C08006"));
}

TEST_F(final_error_message, of_a_server_that_is_lost_at_rest_comes_unasked_after_a_silence) {
    hear_login();
    server_.hang_up();
    EXPECT_EQ(serve(relay_side::server, EPOLLIN | EPOLLRDHUP), duplex::progress::waiting);
    // The kernel reports it again, now for the whole connection.
    EXPECT_EQ(serve(relay_side::server, EPOLLIN | EPOLLHUP), duplex::progress::waiting);
    EXPECT_THAT(heard_so_far(), IsEmpty());
    EXPECT_EQ(silence(), duplex::progress::waiting);
    EXPECT_THAT(client_.receive_all(), HasSubstr("C08006"));
}

TEST_F(final_error_message, of_a_server_that_is_lost_in_a_query_comes_at_once) {
    hear_login();
    client_.send_all(query("SELECT 1"));
    EXPECT_EQ(serve(relay_side::client), duplex::progress::waiting);
    server_.hang_up();
    EXPECT_EQ(serve(relay_side::server, EPOLLIN | EPOLLRDHUP), duplex::progress::waiting);
    EXPECT_THAT(heard_so_far(), HasSubstr("C08006"));
}

TEST_F(final_error_message, is_said_at_the_latest_when_the_loop_ends) {
    hear_login();
    EXPECT_EQ(session_->drain(now_), duplex::progress::waiting);
    session_->send_pending_error(now_);
    session_ = nullptr;
    EXPECT_THAT(client_.receive_all(), HasSubstr("C57P01"));
}

} // namespace
} // namespace wakegate::proxy
