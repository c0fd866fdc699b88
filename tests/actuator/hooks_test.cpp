#include "scaler/actuator/hooks.hpp"
#include "tests/actuator/event_loop.hpp"
#include "tests/support/captured_log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace wakegate::actuator {
namespace {

using std::nullopt;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> shell(std::string script) {
    return {"/bin/sh", "-c", std::move(script)};
}

class hooks_test : public ::testing::Test {
protected:
    hooks_test() {
        settings_.name = "app";
        settings_.name_space = "local";
        settings_.metadata = {{"cluster", "main"}};
    }

    template <typename Result> Result finish(boost::asio::awaitable<Result> running) {
        std::optional<Result> result;
        const auto note = [&result](const std::exception_ptr&, Result value) { result = value; };
        support::captured_log captured;
        boost::asio::co_spawn(context_, std::move(running), note);
        EXPECT_TRUE(testing::run_until(context_, [&] { return result.has_value(); }));
        log_ = captured.take();
        return result.value_or(Result());
    }

    bool start(std::uint32_t from, std::uint32_t to) {
        hooks_.emplace(context_.get_executor(), settings_, metrics_);
        return finish(hooks_->start(from, to));
    }

    bool stop(std::uint32_t from, std::uint32_t to) {
        hooks_.emplace(context_.get_executor(), settings_, metrics_);
        return finish(hooks_->stop(from, to));
    }

    std::optional<bool> running() {
        hooks_.emplace(context_.get_executor(), settings_, metrics_);
        return finish(hooks_->query_status());
    }

    boost::asio::io_context context_;
    metrics metrics_;
    scaled_object_settings settings_;
    std::optional<hooks> hooks_;
    std::string log_;
};

TEST_F(hooks_test, start_is_told_what_it_is_for_and_its_output_is_logged) {
    settings_.hooks.start =
        shell("echo $WAKEGATE_SCALED_OBJECT $WAKEGATE_NAMESPACE $WAKEGATE_CLUSTER "
              "$WAKEGATE_FROM_REPLICAS $WAKEGATE_REPLICAS $PGUSER");
    settings_.hooks.environment = {{"PGUSER", "postgres"}};
    EXPECT_TRUE(start(0, 3));
    EXPECT_THAT(log_, HasSubstr("hook_started scaled_object=app hook=start"));
    EXPECT_THAT(log_, HasSubstr(R"(hook=start line="app local main 0 3 postgres")"));
    EXPECT_THAT(log_, HasSubstr("hook_finished scaled_object=app hook=start exit_code=0 ms="));
    EXPECT_EQ(hooks_->last_failure(), "");
    EXPECT_EQ(hooks_->current(), "none");
}

TEST_F(hooks_test, stop_is_told_what_it_is_for) {
    settings_.hooks.stop = shell("echo $WAKEGATE_FROM_REPLICAS $WAKEGATE_REPLICAS");
    EXPECT_TRUE(stop(3, 1));
    EXPECT_THAT(log_, HasSubstr(R"(hook=stop line="3 1")"));
}

TEST_F(hooks_test, that_fails_is_reported_and_counted) {
    settings_.hooks.stop = shell("echo no such cluster >&2; exit 4");
    EXPECT_FALSE(stop(1, 0));
    EXPECT_THAT(
        log_,
        AllOf(HasSubstr(R"(line="no such cluster")"), HasSubstr(R"(reason="exit code 4" remedy=)"))
    );
    EXPECT_EQ(hooks_->last_failure(), "stop: exit code 4: no such cluster");
    EXPECT_THAT(
        metrics_.text(0), HasSubstr("wakegate_actuator_hook_failures_total{hook=\"stop\"} 1")
    );
}

constexpr auto words_at_info = "info hook_output scaled_object=app";
constexpr auto words_at_warning = "warning hook_output scaled_object=app";

TEST_F(hooks_test, that_fails_has_its_words_at_warning_too) {
    settings_.hooks.start = shell("echo the disk is gone; exit 1");
    EXPECT_FALSE(start(0, 1));
    EXPECT_THAT(log_, HasSubstr(words_at_info));
    EXPECT_THAT(log_, ContainsRegex("warning hook_output .* line=\"the disk is gone\""));
}

TEST_F(hooks_test, that_succeeds_has_no_words_at_warning) {
    settings_.hooks.start = shell("echo server started");
    EXPECT_TRUE(start(0, 1));
    EXPECT_THAT(log_, AllOf(HasSubstr(words_at_info), Not(HasSubstr(words_at_warning))));
}

TEST_F(hooks_test, that_fails_after_many_words_has_the_last_ones_at_warning) {
    settings_.hooks.start = shell("for i in $(seq 30); do echo line $i; done; exit 1");
    EXPECT_FALSE(start(0, 1));
    EXPECT_THAT(log_, ContainsRegex("warning hook_output .*10 earlier lines"));
    EXPECT_THAT(log_, Not(ContainsRegex("warning hook_output .*\"line 10\"")));
    EXPECT_THAT(log_, ContainsRegex("warning hook_output .*\"line 11\""));
    EXPECT_THAT(log_, ContainsRegex("warning hook_output .*\"line 30\""));
}

TEST_F(hooks_test, that_asks_for_the_status_in_vain_has_its_words_at_warning) {
    settings_.hooks.status = shell("echo cannot read the pid file; exit 4");
    EXPECT_EQ(running(), nullopt);
    EXPECT_THAT(log_, ContainsRegex("warning hook_output .*hook=status line=\"cannot read"));
    settings_.hooks.status = shell("echo no answer yet; sleep 1000");
    settings_.hooks.status_timeout = milliseconds(500);
    EXPECT_EQ(running(), nullopt);
    EXPECT_THAT(log_, ContainsRegex("warning hook_output .*hook=status line=\"no answer yet"));
    settings_.hooks.status = shell("echo no server running; exit 3");
    EXPECT_EQ(running(), false);
    EXPECT_THAT(log_, Not(HasSubstr("no server running")));
}

TEST_F(hooks_test, that_overruns_is_reported_with_the_key_to_change) {
    settings_.hooks.start = shell("sleep 1000");
    settings_.hooks.start_timeout = milliseconds(100);
    EXPECT_FALSE(start(0, 1));
    EXPECT_THAT(log_, AllOf(HasSubstr("hook_failed"), HasSubstr("still running after 100ms")));
    EXPECT_THAT(log_, HasSubstr("raise scaled_objects.app.hooks.start_timeout"));
}

TEST_F(hooks_test, that_is_missing_is_reported_with_its_path) {
    settings_.hooks.start = {"/nowhere/pg_ctl"};
    EXPECT_FALSE(start(0, 1));
    EXPECT_THAT(log_, HasSubstr("can't start /nowhere/pg_ctl: No such file or directory"));
    EXPECT_THAT(log_, HasSubstr("scaled_objects.app.hooks.start"));
}

struct status_case {
    std::vector<std::string> argv;
    std::optional<bool> running;
    bool failure;
};

class hooks_status : public hooks_test, public ::testing::WithParamInterface<status_case> {};

TEST_P(hooks_status, answers) {
    settings_.hooks.status = GetParam().argv;
    EXPECT_EQ(running(), GetParam().running);
    EXPECT_EQ(!hooks_->last_failure().empty(), GetParam().failure);
}

INSTANTIATE_TEST_SUITE_P(
    hooks_exits,
    hooks_status,
    ::testing::Values(
        status_case{{}, nullopt, false},
        status_case{shell("exit 0"), true, false},
        status_case{shell("exit 3"), false, false},
        status_case{shell("exit 4"), nullopt, true},
        status_case{shell("kill -9 $$"), nullopt, true},
        status_case{{"/nowhere/pg_ctl"}, nullopt, true}
    )
);

} // namespace
} // namespace wakegate::actuator
