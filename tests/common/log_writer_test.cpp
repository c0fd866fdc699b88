#include "common/log_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

namespace wakegate::log {
namespace {

constexpr milliseconds patience(30'000);
constexpr milliseconds no_patience(1);

/// A pipe of the smallest capacity.
class pipe {
public:
    pipe() {
        EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0);
        ::fcntl(ends_[1], F_SETPIPE_SZ, 1);
    }

    pipe(const pipe&) = delete;
    pipe& operator=(const pipe&) = delete;

    ~pipe() {
        close_reader();
        ::close(ends_[1]);
    }

    [[nodiscard]] int writer() const { return ends_[1]; }

    void close_reader() {
        if (ends_[0] >= 0) {
            ::close(ends_[0]);
        }
        ends_[0] = -1;
    }

    void fill() const {
        ::fcntl(ends_[1], F_SETFL, O_NONBLOCK);
        while (::write(ends_[1], "x", 1) == 1) {
        }
        ::fcntl(ends_[1], F_SETFL, 0);
    }

    /// Reads up to the line `last`; returns all lines, without the bytes of `fill`.
    [[nodiscard]] std::vector<std::string> read_until(const std::string& last) const {
        std::vector<std::string> lines;
        std::string line;
        pollfd readable{.fd = ends_[0], .events = POLLIN, .revents = 0};
        while (::poll(&readable, 1, static_cast<int>(patience.count())) == 1) {
            char next = 0;
            if (::read(ends_[0], &next, 1) != 1) {
                break;
            }
            if (next == '\n') {
                lines.push_back(line.substr(line.find_last_of('x') + 1));
                if (lines.back() == last) {
                    return lines;
                }
                line.clear();
            } else {
                line += next;
            }
        }
        ADD_FAILURE() << "there is no line '" << last << "'";
        return lines;
    }

private:
    std::array<int, 2> ends_{-1, -1};
};

std::string report(std::uint64_t count) {
    return "dropped " + std::to_string(count) + "\n";
}

class log_writer_test : public testing::Test {
protected:
    log_writer_test() { ::signal(SIGPIPE, SIG_IGN); }

    /// Waits for an abandoned thread to end, since it uses the pipe's descriptor.
    ~log_writer_test() override {
        writer_.reset();
        pipe_.close_reader();
        EXPECT_EQ(thread_ended_.get_future().wait_for(patience), std::future_status::ready);
    }

    /// The thread owns the report until it ends, which sets `thread_ended_`.
    log_writer::drop_report make_report() {
        const std::shared_ptr<void> token(nullptr, [this](void*) { thread_ended_.set_value(); });
        return [token](std::uint64_t count) { return report(count); };
    }

    /// Writes the numbers as lines of five bytes each.
    void write(int first, int last) {
        for (int number = first; number <= last; ++number) {
            writer_->write(std::to_string(number) + "\n");
        }
    }

    pipe pipe_;
    std::promise<void> thread_ended_;
    std::optional<log_writer> writer_{std::in_place, pipe_.writer(), 50, make_report()};
};

TEST_F(log_writer_test, write_lines_in_their_order) {
    write(1000, 1004);
    EXPECT_THAT(
        pipe_.read_until("1004"), testing::ElementsAre("1000", "1001", "1002", "1003", "1004")
    );
    EXPECT_TRUE(writer_->flush(patience));
    EXPECT_EQ(writer_->dropped(), 0U);
}

TEST_F(log_writer_test, wait_for_nobody_and_tell_how_many_lines_are_missing_and_where) {
    pipe_.fill();
    write(1000, 1000);
    // Sooner or later the thread takes the first line and blocks: then there is room for ten.
    while (writer_->dropped() == 0) {
        write(2000, 2000);
    }
    write(3000, 3001);
    const auto dropped = writer_->dropped();
    EXPECT_GE(dropped, 3U);
    EXPECT_FALSE(writer_->flush(no_patience));

    const auto report = "dropped " + std::to_string(dropped);
    const auto lines = pipe_.read_until(report);
    EXPECT_EQ(lines.front(), "1000");
    EXPECT_THAT(lines, testing::Not(testing::Contains("3000")));
    EXPECT_TRUE(writer_->flush(patience));
    write(4000, 4000);
    EXPECT_THAT(pipe_.read_until("4000"), testing::ElementsAre("4000")) << "told once";
    EXPECT_EQ(writer_->dropped(), dropped);
}

TEST_F(log_writer_test, go_without_waiting_for_a_write_that_is_stuck) {
    pipe_.fill();
    write(1000, 1000);
    EXPECT_FALSE(writer_->flush(no_patience));
    writer_.reset();
    SUCCEED() << "else it would hang here";
}

TEST_F(log_writer_test, count_what_cannot_be_written_and_go_on) {
    pipe_.close_reader();
    write(1000, 1002);
    EXPECT_TRUE(writer_->flush(patience));
    EXPECT_EQ(writer_->dropped(), 3U);
}

TEST_F(log_writer_test, write_to_a_descriptor_that_somebody_has_made_non_blocking) {
    ::fcntl(pipe_.writer(), F_SETFL, O_NONBLOCK);
    std::thread reader([this] { EXPECT_EQ(pipe_.read_until("9999").size(), 9000U); });
    for (int number = 1000; number <= 9999; ++number) {
        write(number, number);
        ASSERT_TRUE(writer_->flush(patience));
    }
    reader.join();
    EXPECT_EQ(writer_->dropped(), 0U);
}

TEST_F(log_writer_test, take_lines_from_many_threads) {
    constexpr int threads = 4;
    constexpr int lines_each = 100;
    std::thread reader([this] {
        EXPECT_EQ(pipe_.read_until("end").size(), std::size_t{threads} * lines_each + 1);
    });
    std::vector<std::thread> speakers;
    for (int index = 0; index < threads; ++index) {
        speakers.emplace_back([this] {
            for (int line = 0; line < lines_each; ++line) {
                write(1000, 1000);
                EXPECT_TRUE(writer_->flush(patience));
            }
        });
    }
    for (auto& speaker : speakers) {
        speaker.join();
    }
    writer_->write("end\n");
    reader.join();
    EXPECT_EQ(writer_->dropped(), 0U);
}

} // namespace
} // namespace wakegate::log
