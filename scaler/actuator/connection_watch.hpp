#pragma once

#include "common/clock.hpp"
#include "scaler/actuator/scaler_channels.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <optional>
#include <vector>

namespace wakegate::actuator {

/// Calls back when a scaler becomes connected, so that retries do not wait for a back-off that
/// began before, and makes failed channels retry at least every `reconnect_max`. It polls the
/// channels' states ten times a second: gRPC's own notification needs a thread, and can't be
/// cancelled. One thread; the channels outlive it.
class connection_watch {
public:
    using callback = std::function<void()>;

    connection_watch(
        const boost::asio::any_io_executor& executor,
        scaler_channels& channels,
        milliseconds reconnect_max
    );
    connection_watch(const connection_watch&) = delete;
    connection_watch& operator=(const connection_watch&) = delete;

    /// At most once a second, so that a scaler which crashes right after accepting is not called in
    /// a busy loop.
    void on_connected(callback connected);
    void stop();

private:
    void check_later();
    void check();
    void run_callbacks(time_point now);

    boost::asio::steady_timer timer_;
    scaler_channels& channels_;
    milliseconds reconnect_max_;
    std::vector<callback> callbacks_;
    std::vector<bool> ready_; // of each channel, at the last poll
    std::optional<time_point> callbacks_ran_at_;
    time_point retried_at_;
    bool connected_anew_ = false;
    bool stopped_ = false;
};

} // namespace wakegate::actuator
