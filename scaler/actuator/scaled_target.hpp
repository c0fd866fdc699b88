#pragma once

#include "scaler/actuator/cancellable_sleep.hpp"
#include "scaler/actuator/hooks.hpp"
#include "scaler/actuator/metrics.hpp"
#include "scaler/actuator/scale_decision.hpp"
#include "scaler/actuator/settings.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>

namespace wakegate::actuator {

/// What a scaled object starts and stops: the replicas assumed to run, and the hooks that change
/// and query them. One `query_state` or `apply` at a time; the caller sees to that (`async_mutex`).
///
/// The status hook runs where KEDA reads the target's scale: at the start, when there is activity
/// and the target should run, and after a hook that failed.
///
/// Executor's thread only; everything given outlives it. Once `cancellable_sleep` have ended
/// nothing is started any more.
class scaled_target {
public:
    scaled_target(
        const boost::asio::any_io_executor& executor,
        const scaled_object_settings& settings,
        const cancellable_sleep& shutdown,
        metrics& registry
    );

    /// Starts the initial cooldown, which counts until the first activity.
    void start_cooldown(time_point now) noexcept;
    /// Runs the status hook, if there is one.
    [[nodiscard]] boost::asio::awaitable<void> query_state();
    /// Scales as KEDA would for this answer; returns when the hook has ended.
    [[nodiscard]] boost::asio::awaitable<void> apply(activity seen);
    /// SIGKILL for the hook that runs, if any.
    void kill_hook();

    [[nodiscard]] const target_state& state() const noexcept { return state_; }

    [[nodiscard]] const hooks& run_hooks() const noexcept { return hooks_; }

private:
    [[nodiscard]] boost::asio::awaitable<void> scale(std::uint32_t wanted, bool active);
    void set_running(bool running);
    [[nodiscard]] bool may_run() const noexcept;

    const scaled_object_settings& settings_;
    const cancellable_sleep& shutdown_;
    object_metrics metrics_;
    hooks hooks_;
    target_state state_;
};

} // namespace wakegate::actuator
