#include "common/signals.hpp"
#include "scaler/actuator/child_process.hpp"
#include "tests/actuator/event_loop.hpp"
#include "tests/support/stale_event.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace wakegate::actuator {
namespace {

using lines = std::vector<std::string>;

process_command shell(std::string script) {
    process_command command;
    command.argv = {"/bin/sh", "-c", std::move(script)};
    return command;
}

/// Whether it has exited: gone, or a zombie.
bool is_dead(pid_t pid) {
    std::ifstream input("/proc/" + std::to_string(pid) + "/stat");
    const std::string stat{std::istreambuf_iterator<char>(input), {}};
    return stat.empty() || stat.find(") Z ") != std::string::npos;
}

class child_process_test : public ::testing::Test {
protected:
    child_process_test() { ignore_signals(); }

    void start(const process_command& command) {
        const auto collect = [this](std::string_view line) { lines_.emplace_back(line); };
        process_ = child_process::start(context_.get_executor(), command, collect, error_);
        if (!process_) {
            return;
        }
        const auto note = [this](const std::exception_ptr&, process_exit end) { end_ = end; };
        boost::asio::co_spawn(context_, process_->wait(), note);
    }

    [[nodiscard]] bool until(const std::function<bool()>& done) {
        return testing::run_until(context_, done);
    }

    [[nodiscard]] bool ended() {
        return until([this] { return end_.has_value(); });
    }

    [[nodiscard]] bool printed(std::size_t count) {
        return until([this, count] { return lines_.size() >= count; });
    }

    boost::asio::io_context context_;
    std::shared_ptr<child_process> process_;
    std::error_code error_;
    lines lines_;
    std::optional<process_exit> end_;
};

boost::asio::awaitable<process_exit>
run_after(support::stale_event& event, const process_command& command, lines& printed) {
    const auto executor = co_await boost::asio::this_coro::executor;
    co_await event.come_up();
    std::error_code error;
    const auto collect = [&printed](std::string_view line) { printed.emplace_back(line); };
    const auto process = child_process::start(executor, command, collect, error);
    const auto end = co_await process->wait();
    co_return end;
}

TEST(child_process_wait, goes_on_when_asio_ends_it_early) {
    boost::asio::io_context context;
    support::stale_event event(context);
    const auto command = shell("sleep 0.05; echo still here; exit 3");
    lines printed;
    const auto end = support::run(context, run_after(event, command, printed));
    EXPECT_EQ(end.cause, exit_cause::exited);
    EXPECT_EQ(end.code, 3);
    EXPECT_EQ(printed, lines{"still here"});
}

TEST_F(child_process_test, tells_its_end_though_whoever_started_us_ignores_such_news) {
    ::signal(SIGCHLD, SIG_IGN);
    start(shell("exit 4"));
    ASSERT_TRUE(ended());
    EXPECT_EQ(end_->cause, exit_cause::exited);
    EXPECT_EQ(end_->code, 4);
}

struct exit_case {
    std::string script;
    exit_cause cause;
    int code;
};

class child_process_exit : public child_process_test,
                           public ::testing::WithParamInterface<exit_case> {};

TEST_P(child_process_exit, is_told) {
    start(shell(GetParam().script));
    ASSERT_TRUE(ended());
    EXPECT_EQ(end_->cause, GetParam().cause);
    EXPECT_EQ(end_->code, GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    child_process_scripts,
    child_process_exit,
    ::testing::Values(
        exit_case{"true", exit_cause::exited, 0},
        exit_case{"exit 3", exit_cause::exited, 3},
        exit_case{"kill -9 $$", exit_cause::killed_by_signal, SIGKILL},
        exit_case{"kill -PIPE $$", exit_cause::killed_by_signal, SIGPIPE},
        exit_case{"kill -HUP $$", exit_cause::killed_by_signal, SIGHUP},
        exit_case{"kill -USR1 $$", exit_cause::killed_by_signal, SIGUSR1}
    )
);

TEST_F(child_process_test, hands_out_both_outputs_line_by_line_and_the_unfinished_last_one) {
    start(shell("echo out; echo err >&2; printf partial"));
    ASSERT_TRUE(ended());
    EXPECT_EQ(lines_, (lines{"out", "err", "partial"}));
}

TEST_F(child_process_test, is_not_blocked_by_output_larger_than_the_pipe) {
    start(shell("i=0; while [ $i -lt 20000 ]; do echo line-$i; i=$((i+1)); done"));
    ASSERT_TRUE(ended());
    ASSERT_EQ(lines_.size(), 20'000U);
    EXPECT_EQ(lines_.back(), "line-19999");
}

TEST_F(child_process_test, sees_our_environment_and_what_is_set_over_it) {
    ::setenv("WAKEGATE_TEST_OURS", "ours", 1);
    ::setenv("WAKEGATE_TEST_BOTH", "ours", 1);
    auto command = shell("echo $WAKEGATE_TEST_OURS $WAKEGATE_TEST_BOTH $WAKEGATE_TEST_NEW");
    command.environment = {"WAKEGATE_TEST_BOTH=over", "WAKEGATE_TEST_NEW=new"};
    start(command);
    ASSERT_TRUE(ended());
    EXPECT_EQ(lines_, (lines{"ours over new"}));
}

TEST_F(child_process_test, has_no_input_and_none_of_our_descriptors) {
    const int descriptor = ::open("/dev/null", O_RDONLY); // like Asio's sockets, without CLOEXEC
    start(shell("cat; ls /proc/$$/fd/" + std::to_string(descriptor) + " 2>/dev/null || echo closed")
    );
    ASSERT_TRUE(ended());
    ::close(descriptor);
    EXPECT_EQ(lines_, (lines{"closed"}));
}

TEST_F(child_process_test, is_over_when_it_exits_though_a_daemon_keeps_its_output_open) {
    start(shell("sleep 1000 & echo $!"));
    ASSERT_TRUE(ended());
    ASSERT_EQ(lines_.size(), 1U);
    const auto daemon = std::stoi(lines_.front());
    EXPECT_EQ(end_->cause, exit_cause::exited);
    EXPECT_FALSE(is_dead(daemon));
    ::kill(daemon, SIGKILL);
}

TEST_F(child_process_test, is_ended_with_its_whole_group_past_the_timeout) {
    auto command = shell("sleep 1000 & echo $!; wait");
    command.timeout = seconds(2);
    start(command);
    ASSERT_TRUE(ended());
    EXPECT_EQ(end_->cause, exit_cause::timed_out);
    ASSERT_EQ(lines_.size(), 1U);
    const auto grandchild = std::stoi(lines_.front());
    EXPECT_TRUE(until([&] { return is_dead(grandchild); }));
}

TEST_F(child_process_test, is_killed_when_it_ignores_the_end_of_its_time) {
    auto command = shell("trap '' TERM; echo $$; while :; do sleep 1000; done");
    command.timeout = seconds(2);
    command.kill_after = milliseconds(50);
    start(command);
    ASSERT_TRUE(ended());
    EXPECT_EQ(end_->cause, exit_cause::timed_out);
    EXPECT_EQ(end_->code, SIGKILL);
}

TEST_F(child_process_test, may_tidy_up_after_its_time) {
    auto command = shell("trap 'echo tidied; exit 7' TERM; echo ready; sleep 1000 & wait");
    command.timeout = seconds(2);
    start(command);
    ASSERT_TRUE(ended());
    EXPECT_EQ(end_->cause, exit_cause::timed_out);
    EXPECT_EQ(end_->code, 7);
    EXPECT_EQ(lines_, (lines{"ready", "tidied"}));
}

TEST_F(child_process_test, can_be_killed_at_any_time) {
    start(shell("echo ready; sleep 1000"));
    ASSERT_TRUE(printed(1));
    process_->kill_now();
    ASSERT_TRUE(ended());
    EXPECT_EQ(end_->cause, exit_cause::interrupted);
}

TEST_F(child_process_test, that_is_dropped_is_ended) {
    auto command = shell("echo $$; sleep 1000");
    std::optional<pid_t> pid;
    {
        boost::asio::io_context context;
        const auto note = [&pid](std::string_view line) { pid = std::stoi(std::string(line)); };
        process_ = child_process::start(context.get_executor(), command, note, error_);
        ASSERT_TRUE(testing::run_until(context, [&] { return pid.has_value(); }));
        process_.reset();
    }
    EXPECT_TRUE(until([&] { return is_dead(*pid); }));
}

struct not_started_case {
    std::string program;
    std::errc error;
};

class child_process_not_started : public child_process_test,
                                  public ::testing::WithParamInterface<not_started_case> {};

TEST_P(child_process_not_started, says_why) {
    process_command command;
    command.argv = {GetParam().program};
    start(command);
    EXPECT_EQ(process_, nullptr);
    EXPECT_EQ(error_, GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    child_process_programs,
    child_process_not_started,
    ::testing::Values(
        not_started_case{"/nowhere/pg_ctl", std::errc::no_such_file_or_directory},
        not_started_case{"wakegate-no-such-program", std::errc::no_such_file_or_directory},
        not_started_case{"/etc/passwd", std::errc::permission_denied}
    )
);

} // namespace
} // namespace wakegate::actuator
