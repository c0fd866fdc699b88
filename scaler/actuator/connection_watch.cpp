#include "scaler/actuator/connection_watch.hpp"

#include <utility>

namespace wakegate::actuator {
namespace {

constexpr milliseconds check_interval(100);
constexpr seconds callback_interval(1);

} // namespace

connection_watch::connection_watch(
    const boost::asio::any_io_executor& executor,
    scaler_channels& channels,
    milliseconds reconnect_max
)
    : timer_(executor),
      channels_(channels),
      reconnect_max_(reconnect_max),
      ready_(channels.ready()),
      retried_at_(clock::now()) {
    check_later();
}

void connection_watch::on_connected(callback connected) {
    callbacks_.push_back(std::move(connected));
}

void connection_watch::stop() {
    stopped_ = true;
    timer_.cancel();
}

void connection_watch::check_later() {
    timer_.expires_after(check_interval);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error && !stopped_) {
            check();
            check_later();
        }
    });
}

void connection_watch::check() {
    const auto ready = channels_.ready();
    for (std::size_t i = 0; i < ready.size(); ++i) {
        connected_anew_ = connected_anew_ || (ready[i] && !ready_[i]);
    }
    ready_ = ready;
    const auto now = clock::now();
    if (now - retried_at_ >= reconnect_max_) {
        retried_at_ = now;
        channels_.retry_failed();
    }
    if (connected_anew_ && (!callbacks_ran_at_ || now - *callbacks_ran_at_ >= callback_interval)) {
        run_callbacks(now);
    }
}

void connection_watch::run_callbacks(time_point now) {
    connected_anew_ = false;
    callbacks_ran_at_ = now;
    for (const auto& connected : callbacks_) {
        connected();
    }
}

} // namespace wakegate::actuator
