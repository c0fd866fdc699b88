#include "scaler/actuator/connection_watch.hpp"

#include <utility>

namespace wakegate::actuator {
namespace {

constexpr milliseconds between_looks(100);
constexpr seconds between_callbacks(1);

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
      retried_(clock::now()) {
    look_again();
}

void connection_watch::on_connected(callback connected) {
    callbacks_.push_back(std::move(connected));
}

void connection_watch::stop() {
    stopped_ = true;
    timer_.cancel();
}

void connection_watch::look_again() {
    timer_.expires_after(between_looks);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error && !stopped_) {
            look();
            look_again();
        }
    });
}

void connection_watch::look() {
    const auto ready = channels_.ready();
    for (std::size_t i = 0; i < ready.size(); ++i) {
        news_ = news_ || (ready[i] && !ready_[i]);
    }
    ready_ = ready;
    const auto now = clock::now();
    if (now - retried_ >= reconnect_max_) {
        retried_ = now;
        channels_.retry_failed();
    }
    if (news_ && (!told_ || now - *told_ >= between_callbacks)) {
        tell(now);
    }
}

void connection_watch::tell(time_point now) {
    news_ = false;
    told_ = now;
    for (const auto& connected : callbacks_) {
        connected();
    }
}

} // namespace wakegate::actuator
