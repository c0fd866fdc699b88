#include "proxy/relay/relay_loop.hpp"
#include "tests/support/hostility.hpp"
#include "tests/support/relay_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <thread>

// Linked with tests/support/hostile_sockets.cpp: reads of one byte, short writes, refusals,
// spurious wake-ups, all of it on the relay's side only.

namespace wakegate::proxy {
namespace {

using namespace support;
using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr std::size_t chunk_size = 64 * 1024;
constexpr std::size_t stream_size = std::size_t{1} << 30;

/// An endless stream that both ends can generate.
class endless_stream {
public:
    explicit endless_stream(std::uint64_t seed) : source_(seed), chunk_(chunk_size, '\0') {}

    const std::string& next() {
        // One new word per cache line is enough to detect any shift, loss or repetition.
        for (std::size_t at = 0; at < chunk_.size(); at += 64) {
            const auto word = source_();
            chunk_.replace(at, sizeof word, reinterpret_cast<const char*>(&word), sizeof word);
        }
        return chunk_;
    }

private:
    std::mt19937_64 source_;
    std::string chunk_;
};

void speak(const far_end& from, std::uint64_t seed) {
    endless_stream stream(seed);
    for (std::size_t sent = 0; sent < stream_size; sent += chunk_size) {
        from.send_all(stream.next());
    }
}

/// Returns the number of correct bytes.
std::size_t hear_and_compare(const far_end& to, std::uint64_t seed) {
    endless_stream stream(seed);
    std::size_t total = 0;
    while (total < stream_size && to.receive(chunk_size) == stream.next()) {
        total += chunk_size;
    }
    return total;
}

TEST(hostile_relay, passes_a_gigabyte_both_ways_untouched) {
    relay_loop loop;
    const auto session = relay_logged_in(loop);
    std::thread client_speaks([&] { speak(session.client, 1); });
    std::thread server_speaks([&] { speak(session.server, 2); });
    std::size_t at_server = 0;
    std::thread server_hears([&] { at_server = hear_and_compare(session.server, 1); });
    const auto at_client = hear_and_compare(session.client, 2);
    for (auto* thread : {&client_speaks, &server_speaks, &server_hears}) {
        thread->join();
    }
    EXPECT_EQ(at_client, stream_size);
    EXPECT_EQ(at_server, stream_size);

    const auto& done = support::trouble_so_far();
    EXPECT_GT(done.single_byte_reads, 1'000U);
    EXPECT_GT(done.cut_reads, done.single_byte_reads);
    EXPECT_GT(done.cut_writes, 1'000U);
    EXPECT_GT(done.refused, 100U);
    EXPECT_GT(done.interrupted, 100U);
    EXPECT_GT(done.false_alarms, 100U);
}

TEST(hostile_relay, passes_questions_and_answers_and_sees_busy_and_idle) {
    relay_loop loop;
    auto session = relay_logged_in(loop);
    const auto question = query("SELECT 1");
    const auto answer = data_row("1") + command_complete("SELECT 1") + ready_for_query('I');
    for (int i = 0; i < 200; ++i) {
        session.client.send_all(question);
        ASSERT_EQ(session.server.receive(question.size()), question);
        session.server.send_all(answer);
        ASSERT_EQ(session.client.receive(answer.size()), answer);
    }
    EXPECT_TRUE(session.events->reach("idle"));
}

TEST(hostile_relay, delivers_the_answer_to_a_client_that_stopped_sending) {
    relay_loop loop;
    auto session = relay_logged_in(loop);
    const auto question = query("SELECT 1");
    const auto answer = data_row(std::string(1 << 20, 'x')) + ready_for_query('I');
    session.client.send_all(question);
    session.client.shutdown_send();
    EXPECT_EQ(session.server.receive_all(), question);
    std::thread server_speaks([&] {
        session.server.send_all(answer);
        session.server.shutdown_send();
    });
    EXPECT_TRUE(session.client.receive_all() == answer);
    server_speaks.join();
    EXPECT_TRUE(session.events->reach("ended"));
}

TEST(hostile_relay, says_08006_for_a_server_that_vanishes) {
    relay_loop loop;
    for (int i = 0; i < 50; ++i) {
        auto session = relay_logged_in(loop);
        session.server.hang_up();
        const auto final_error = session.client.receive_all();
        EXPECT_THAT(final_error, HasSubstr("C08006"));
        EXPECT_EQ(final_error.back(), '\0');
    }
}

TEST(hostile_relay, says_57P01_to_the_end_when_it_drains) {
    for (int i = 0; i < 50; ++i) {
        relay_loop loop;
        auto session = relay_logged_in(loop);
        loop.drain();
        const auto final_error = session.client.receive_all();
        EXPECT_THAT(final_error, HasSubstr("C57P01"));
        EXPECT_THAT(final_error, EndsWith(std::string_view("\0\0", 2)));
        EXPECT_EQ(session.server.receive_all(), "");
        EXPECT_TRUE(session.events->reach("ended"));
    }
}

} // namespace
} // namespace wakegate::proxy
