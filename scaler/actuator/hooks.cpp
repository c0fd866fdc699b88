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

struct hooks::hook_spec {
    std::string_view name;
    const std::vector<std::string>& argv;
    milliseconds timeout;
    log::level severity; ///< of its output and result; failures are always errors
};

struct hooks::result {
    std::optional<int> exit_code; ///< nullopt: not started, or it did not exit by itself
};

hooks::hooks(
    const boost::asio::any_io_executor& executor,
    const scaled_object_settings& object,
    metrics& registry
)
    : executor_(executor), object_(object), metrics_(registry) {
    // Creates the metrics, so that /metrics has them from the start, at 0.
    static_cast<void>(metrics_.of_hook("start"));
    static_cast<void>(metrics_.of_hook("stop"));
}

boost::asio::awaitable<bool> hooks::start(std::uint32_t from, std::uint32_t to) {
    const auto& programs = object_.hooks;
    const hook_spec start{"start", programs.start, programs.start_timeout, log::level::info};
    co_return co_await scale(start, from, to);
}

boost::asio::awaitable<bool> hooks::stop(std::uint32_t from, std::uint32_t to) {
    const auto& programs = object_.hooks;
    const hook_spec stop{"stop", programs.stop, programs.stop_timeout, log::level::info};
    co_return co_await scale(stop, from, to);
}

boost::asio::awaitable<bool> hooks::scale(hook_spec spec, std::uint32_t from, std::uint32_t to) {
    const auto command = command_for(spec, from, to);
    const auto outcome = co_await run(spec, command);
    if (!outcome.exit_code) {
        co_return false;
    }
    if (*outcome.exit_code != 0) {
        report_failure(
            spec,
            fmt::format("exit code {}", *outcome.exit_code),
            output_.lines().empty()
                ? "it printed nothing: run it by hand as this user"
                : "what it printed last is in the hook_output lines before this one"
        );
    }
    co_return *outcome.exit_code == 0;
}

boost::asio::awaitable<std::optional<bool>> hooks::query_status() {
    const auto& programs = object_.hooks;
    if (programs.status.empty()) {
        co_return std::nullopt;
    }
    // Runs at each poll that finds activity: debug.
    const hook_spec status{"status", programs.status, programs.status_timeout, log::level::debug};
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

boost::asio::awaitable<hooks::result> hooks::run(hook_spec spec, process_command command) {
    const auto started = clock::now();
    output_ = {};
    const auto on_line = [this, spec](std::string_view line) {
        output_.add(line);
        print(spec, spec.severity, line);
    };
    log::event(spec.severity, "hook_started")
        .with("scaled_object", object_.name)
        .with("hook", spec.name);
    std::error_code error;
    child_ = child_process::start(executor_, command, on_line, error);
    if (!child_) {
        report_start_failure(spec, command, error);
        co_return result{};
    }
    current_ = spec.name;
    const auto end = co_await child_->wait();
    child_.reset();
    current_ = "none";
    const std::chrono::duration<double> took = clock::now() - started;
    metrics_.of_hook(spec.name).duration.Observe(took.count());
    if (end.cause != exit_cause::exited) {
        report_abnormal_exit(spec, command, end);
        co_return result{};
    }
    log::event(spec.severity, "hook_finished")
        .with("scaled_object", object_.name)
        .with("hook", spec.name)
        .with("exit_code", end.code)
        .with("ms", std::chrono::duration_cast<milliseconds>(took).count());
    clear_failure(spec);
    co_return result{end.code};
}

process_command
hooks::command_for(const hook_spec& spec, std::uint32_t from, std::uint32_t to) const {
    const auto cluster = object_.metadata.find("cluster");
    process_command command{
        .argv = spec.argv,
        .environment =
            {
                "WAKEGATE_SCALED_OBJECT=" + object_.name,
                "WAKEGATE_NAMESPACE=" + object_.name_space,
                "WAKEGATE_CLUSTER=" + (cluster == object_.metadata.end() ? "" : cluster->second),
                "WAKEGATE_REPLICAS=" + std::to_string(to),
                "WAKEGATE_FROM_REPLICAS=" + std::to_string(from),
            },
        .timeout = spec.timeout,
        .kill_after = object_.hooks.kill_after,
    };
    for (const auto& [name, value] : object_.hooks.environment) {
        command.environment.push_back(fmt::format("{}={}", name, value));
    }
    return command;
}

void hooks::clear_failure(const hook_spec& spec) {
    // A status hook that succeeds does not clear the failure of the start or stop hook before it.
    if (spec.name != "status" || last_failure_.starts_with("status")) {
        last_failure_.clear();
    }
}

void hooks::print(const hook_spec& spec, log::level severity, std::string_view line) const {
    log::event(severity, "hook_output")
        .with("scaled_object", object_.name)
        .with("hook", spec.name)
        .with("line", line);
}

void hooks::report_failure(const hook_spec& spec, std::string reason, std::string_view remedy) {
    metrics_.of_hook(spec.name).failures.Increment();
    if (output_.omitted_lines() > 0) {
        print(
            spec,
            log::level::warning,
            fmt::format(
                "... {} earlier lines, logged at {}",
                output_.omitted_lines(),
                spec.severity == log::level::info ? "info" : "debug"
            )
        );
    }
    for (const auto& line : output_.lines()) {
        print(spec, log::level::warning, line);
    }
    log::error("hook_failed")
        .with("scaled_object", object_.name)
        .with("hook", spec.name)
        .with("reason", reason)
        .with("remedy", remedy);
    last_failure_ = fmt::format("{}: {}", spec.name, reason);
    if (!output_.lines().empty()) {
        last_failure_ += ": " + output_.lines().back();
    }
}

void hooks::report_start_failure(
    const hook_spec& spec, const process_command& command, std::error_code error
) {
    const auto& program = command.argv.front();
    const auto key = fmt::format("scaled_objects.{}.hooks.{}", object_.name, spec.name);
    const auto remedy = fmt::format(
        "install it, make it executable, or write its absolute path as the first word of {}", key
    );
    report_failure(spec, fmt::format("can't start {}: {}", program, error.message()), remedy);
}

void hooks::report_abnormal_exit(
    const hook_spec& spec, const process_command& command, process_exit end
) {
    switch (end.cause) {
    case exit_cause::timed_out: {
        const auto key = fmt::format("scaled_objects.{}.hooks.{}_timeout", object_.name, spec.name);
        report_failure(
            spec,
            fmt::format(
                "still running after {}, ended with its process group",
                format_duration(command.timeout)
            ),
            fmt::format("find out what {} waits for, or raise {}", command.argv.front(), key)
        );
        return;
    }
    case exit_cause::interrupted:
        report_failure(
            spec, "killed by the second signal to the actuator", "look at the target's own state"
        );
        return;
    case exit_cause::killed_by_signal:
    case exit_cause::exited:
        report_failure(
            spec,
            fmt::format("ended by signal {}", end.code),
            "look for who sent it: the kernel's log tells of memory shortage"
        );
        return;
    }
}

} // namespace wakegate::actuator
