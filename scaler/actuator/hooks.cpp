#include "scaler/actuator/hooks.hpp"

#include "common/log.hpp"
#include "common/units.hpp"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>

#include <optional>
#include <utility>

namespace wakegate::actuator {
namespace {

/// `systemctl is-active` and `pg_ctl status` agree on it.
constexpr int stopped_exit_code = 3;

} // namespace

struct hooks::hook {
    std::string_view name;
    const std::vector<std::string>& argv;
    milliseconds timeout;
    log::level severity; ///< of what it says and how it goes; failures are errors always
};

struct hooks::result {
    std::optional<int> exit_code; ///< nullopt: it did not come to an exit of its own
};

hooks::hooks(
    const boost::asio::any_io_executor& executor,
    const scaled_object_settings& object,
    metrics& counted
)
    : executor_(executor), object_(object), metrics_(counted) {
    // So that /metrics has them from the start, at 0.
    static_cast<void>(metrics_.of_hook("start"));
    static_cast<void>(metrics_.of_hook("stop"));
}

boost::asio::awaitable<bool> hooks::start(std::uint32_t from, std::uint32_t to) {
    const auto& own = object_.hooks;
    const hook start{"start", own.start, own.start_timeout, log::level::info};
    co_return co_await scale(start, from, to);
}

boost::asio::awaitable<bool> hooks::stop(std::uint32_t from, std::uint32_t to) {
    const auto& own = object_.hooks;
    const hook stop{"stop", own.stop, own.stop_timeout, log::level::info};
    co_return co_await scale(stop, from, to);
}

boost::asio::awaitable<bool> hooks::scale(hook which, std::uint32_t from, std::uint32_t to) {
    const auto command = command_for(which, from, to);
    const auto outcome = co_await run(which, command);
    if (!outcome.exit_code) {
        co_return false;
    }
    if (*outcome.exit_code != 0) {
        report_failure(
            which,
            fmt::format("exit code {}", *outcome.exit_code),
            words_.lines().empty()
                ? "it printed nothing: run it by hand as this user"
                : "what it printed last is in the hook_output lines before this one"
        );
    }
    co_return *outcome.exit_code == 0;
}

boost::asio::awaitable<std::optional<bool>> hooks::running() {
    const auto& own = object_.hooks;
    if (own.status.empty()) {
        co_return std::nullopt;
    }
    // Asked in each poll that finds activity.
    const hook status{"status", own.status, own.status_timeout, log::level::debug};
    const auto command = command_for(status, 0, 0);
    const auto outcome = co_await run(status, command);
    if (!outcome.exit_code) {
        co_return std::nullopt;
    }
    if (*outcome.exit_code != 0 && *outcome.exit_code != stopped_exit_code) {
        report_failure(
            status,
            fmt::format("exit code {}", *outcome.exit_code),
            "make it exit with 0 for running or 3 for stopped; what it printed last is in the "
            "hook_output lines before this one"
        );
        co_return std::nullopt;
    }
    co_return *outcome.exit_code == 0;
}

void hooks::kill_now() {
    if (child_) {
        child_->kill_now();
    }
}

boost::asio::awaitable<hooks::result> hooks::run(hook which, process_command command) {
    const auto started = clock::now();
    words_ = {};
    const auto hear = [this, which](std::string_view line) {
        words_.add(line);
        print(which, which.severity, line);
    };
    log::event(which.severity, "hook_started")
        .with("scaled_object", object_.name)
        .with("hook", which.name);
    std::error_code error;
    child_ = child_process::start(executor_, command, hear, error);
    if (!child_) {
        report_not_started(which, command, error);
        co_return result{};
    }
    current_ = which.name;
    const auto end = co_await child_->wait();
    child_.reset();
    current_ = "none";
    const std::chrono::duration<double> took = clock::now() - started;
    metrics_.of_hook(which.name).duration.Observe(took.count());
    if (end.how != process_end::cause::exited) {
        report_bad_end(which, command, end);
        co_return result{};
    }
    log::event(which.severity, "hook_finished")
        .with("scaled_object", object_.name)
        .with("hook", which.name)
        .with("exit_code", end.code)
        .with("ms", std::chrono::duration_cast<milliseconds>(took).count());
    forget_failure(which);
    co_return result{end.code};
}

process_command hooks::command_for(const hook& which, std::uint32_t from, std::uint32_t to) const {
    const auto cluster = object_.metadata.find("cluster");
    process_command command{
        .argv = which.argv,
        .environment =
            {
                "WAKEGATE_SCALED_OBJECT=" + object_.name,
                "WAKEGATE_NAMESPACE=" + object_.name_space,
                "WAKEGATE_CLUSTER=" + (cluster == object_.metadata.end() ? "" : cluster->second),
                "WAKEGATE_REPLICAS=" + std::to_string(to),
                "WAKEGATE_FROM_REPLICAS=" + std::to_string(from),
            },
        .timeout = which.timeout,
        .kill_after = object_.hooks.kill_after,
    };
    for (const auto& [name, value] : object_.hooks.environment) {
        command.environment.push_back(fmt::format("{}={}", name, value));
    }
    return command;
}

void hooks::forget_failure(const hook& which) {
    // A look at what a failed hook has left behind says nothing about that hook.
    if (which.name != "status" || last_failure_.starts_with("status")) {
        last_failure_.clear();
    }
}

void hooks::print(const hook& which, log::level severity, std::string_view line) const {
    log::event(severity, "hook_output")
        .with("scaled_object", object_.name)
        .with("hook", which.name)
        .with("line", line);
}

void hooks::report_failure(const hook& which, std::string reason, std::string_view remedy) {
    metrics_.of_hook(which.name).failures.Increment();
    if (words_.lines_left_out() > 0) {
        print(
            which,
            log::level::warning,
            fmt::format(
                "... {} earlier lines, logged at {}",
                words_.lines_left_out(),
                which.severity == log::level::info ? "info" : "debug"
            )
        );
    }
    for (const auto& line : words_.lines()) {
        print(which, log::level::warning, line);
    }
    log::error("hook_failed")
        .with("scaled_object", object_.name)
        .with("hook", which.name)
        .with("reason", reason)
        .with("remedy", remedy);
    last_failure_ = fmt::format("{}: {}", which.name, reason);
    if (!words_.lines().empty()) {
        last_failure_ += ": " + words_.lines().back();
    }
}

void hooks::report_not_started(
    const hook& which, const process_command& command, std::error_code error
) {
    const auto& program = command.argv.front();
    const auto key = fmt::format("scaled_objects.{}.hooks.{}", object_.name, which.name);
    const auto remedy = fmt::format(
        "install it, make it executable, or write its absolute path as the first word of {}", key
    );
    report_failure(which, fmt::format("can't start {}: {}", program, error.message()), remedy);
}

void hooks::report_bad_end(const hook& which, const process_command& command, process_end end) {
    switch (end.how) {
    case process_end::cause::timed_out: {
        const auto key =
            fmt::format("scaled_objects.{}.hooks.{}_timeout", object_.name, which.name);
        report_failure(
            which,
            fmt::format(
                "still running after {}, ended with its process group",
                format_duration(command.timeout)
            ),
            fmt::format("find out what {} waits for, or raise {}", command.argv.front(), key)
        );
        return;
    }
    case process_end::cause::interrupted:
        report_failure(
            which, "killed by the second signal to the actuator", "look at the target's own state"
        );
        return;
    case process_end::cause::killed_by_signal:
    case process_end::cause::exited:
        report_failure(
            which,
            fmt::format("ended by signal {}", end.code),
            "look for who sent it: the kernel's log tells of memory shortage"
        );
        return;
    }
}

} // namespace wakegate::actuator
