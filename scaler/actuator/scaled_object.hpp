#pragma once

#include "scaler/actuator/async_mutex.hpp"
#include "scaler/actuator/cancellable_sleep.hpp"
#include "scaler/actuator/metrics.hpp"
#include "scaler/actuator/poll_report.hpp"
#include "scaler/actuator/retry_delay.hpp"
#include "scaler/actuator/scaled_target.hpp"
#include "scaler/actuator/scaler_client.hpp"
#include "scaler/actuator/settings.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace wakegate::actuator {

/// The state of a scaled object at one moment, for the status pages.
struct object_status {
    std::string name_space;
    std::uint32_t replicas = 0;
    bool state_unknown = false; ///< a hook failed, and no status hook has told the state since
    bool active = false;        ///< the scaler's last answer, by poll or push
    std::optional<milliseconds> last_active_age;
    bool reconciled = false; ///< the scaler has named its metric, so polls and the stream run
    std::optional<poll_result> last_poll; ///< nullopt: none has ended yet
    /// Until the first poll that may stop it, if it is inactive until then; nullopt: it is stopped
    /// already, or its minimum keeps it running.
    std::optional<milliseconds> stops_in;
    bool stream_connected = false;
    std::optional<call_error> stream_error; ///< how the last push stream ended, if any has
    bool push_waiting = false;              ///< a push waits for the running poll or hook
    std::string_view hook;                  ///< "start", "stop", "status" or "none"
    std::string last_hook_failure;
};

/// One ScaledObject as KEDA runs it: reconcile until the scaler names a metric, then poll and
/// follow the push stream for ever. Both end in `apply`, one at a time (`async_mutex`), and the
/// turn lasts for as long as a hook runs. Only a poll scales in.
///
/// When a scaler becomes connected, all pauses between attempts end, and the one before the next
/// poll does if the last poll has failed. KEDA would wait.
///
/// KEDA drops pushes while it does not know the metric's name; here the stream is opened only after
/// that. Executor's thread only; settings, client and metrics outlive it.
class scaled_object {
public:
    scaled_object(
        const boost::asio::any_io_executor& executor,
        const scaled_object_settings& settings,
        const retry_settings& retries,
        scaler_client& scaler,
        metrics& registry
    );
    scaled_object(const scaled_object&) = delete;
    scaled_object& operator=(const scaled_object&) = delete;

    /// Returns after `stop`, once the running hook has ended and all calls have.
    [[nodiscard]] boost::asio::awaitable<void> run();
    /// No more polls, pushes or hooks; replicas stay as they are. The caller cancels the client's
    /// calls in the same turn.
    void stop();
    /// After `stop`: kills the running hook, too.
    void kill_hook();

    [[nodiscard]] object_status status(time_point now) const;
    /// Brings the gauges up to date.
    void update_gauges();

private:
    [[nodiscard]] boost::asio::awaitable<bool> reconcile();
    [[nodiscard]] boost::asio::awaitable<void> poll_loop();
    [[nodiscard]] boost::asio::awaitable<void> follow_activity();
    [[nodiscard]] boost::asio::awaitable<void> follow_metric_spec();

    [[nodiscard]] boost::asio::awaitable<void> poll();
    [[nodiscard]] boost::asio::awaitable<grpc::Status> read_activity();
    [[nodiscard]] boost::asio::awaitable<grpc::Status> read_metric_spec();
    [[nodiscard]] boost::asio::awaitable<void> receive(bool active);
    /// False: `stop` was called, leave the loop.
    [[nodiscard]] boost::asio::awaitable<bool> back_off(retry_delay& delay, milliseconds pause);
    void scaler_connected();

    [[nodiscard]] bool stream_connected() const;
    [[nodiscard]] std::optional<milliseconds> stops_in(time_point now) const;

    const scaled_object_settings& settings_;
    const retry_settings& retries_;
    scaler_client& scaler_;
    object_metrics metrics_;
    cancellable_sleep poll_sleep_;  // between polls
    cancellable_sleep retry_sleep_; // after what failed; also ended by a new connection
    scaled_target target_;
    async_mutex mutex_;
    scaler_client::ref ref_;

    poll_report poll_report_;
    time_point next_poll_;
    std::optional<call_error> stream_error_;
    bool active_ = false;
    bool reconciled_ = false;
    bool push_waiting_ = false;
    const scaler_channels::channel* stream_channel_ = nullptr; // nullptr: no stream is open
};

} // namespace wakegate::actuator
