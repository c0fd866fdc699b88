#pragma once

#include "common/log.hpp"
#include "scaler/actuator/child_process.hpp"
#include "scaler/actuator/metrics.hpp"
#include "scaler/actuator/output_tail.hpp"
#include "scaler/actuator/settings.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace wakegate::actuator {

/// The scale subresource of one scaled object: its start, stop and status hooks, with their logs
/// and metrics. What a hook prints is logged as it comes (start and stop at info, status at debug),
/// and its last lines again at warning when it has failed. One hook at a time; the caller sees to
/// that (`async_mutex`). Executor's thread only.
class hooks {
public:
    hooks(
        const boost::asio::any_io_executor& executor,
        const scaled_object_settings& object,
        metrics& registry
    );

    /// False: it failed and was reported. It may have taken effect all the same: see
    /// `query_status`.
    [[nodiscard]] boost::asio::awaitable<bool> start(std::uint32_t from, std::uint32_t to);
    [[nodiscard]] boost::asio::awaitable<bool> stop(std::uint32_t from, std::uint32_t to);
    /// Runs the status hook. nullopt: there is none, or its exit code was unclear (reported).
    [[nodiscard]] boost::asio::awaitable<std::optional<bool>> query_status();

    /// SIGKILL for the hook that runs, if any.
    void kill_now();

    /// "start", "stop", "status" or "none".
    [[nodiscard]] std::string_view current() const noexcept { return current_; }

    /// Why the last start or stop failed, or a status after it, with the last line it printed;
    /// empty after a success.
    [[nodiscard]] const std::string& last_failure() const noexcept { return last_failure_; }

private:
    struct hook_spec;
    struct result;

    [[nodiscard]] boost::asio::awaitable<bool>
    scale(hook_spec spec, std::uint32_t from, std::uint32_t to);
    [[nodiscard]] boost::asio::awaitable<result> run(hook_spec spec, process_command command);
    [[nodiscard]] process_command
    command_for(const hook_spec& spec, std::uint32_t from, std::uint32_t to) const;
    void clear_failure(const hook_spec& spec);
    void print(const hook_spec& spec, log::level severity, std::string_view line) const;
    void report_failure(const hook_spec& spec, std::string reason, std::string_view remedy);
    void report_start_failure(
        const hook_spec& spec, const process_command& command, std::error_code error
    );
    void
    report_abnormal_exit(const hook_spec& spec, const process_command& command, process_exit end);

    boost::asio::any_io_executor executor_;
    const scaled_object_settings& object_;
    metrics& metrics_;
    std::shared_ptr<child_process> child_;
    output_tail output_; // of the hook that ran last
    std::string_view current_ = "none";
    std::string last_failure_;
};

} // namespace wakegate::actuator
