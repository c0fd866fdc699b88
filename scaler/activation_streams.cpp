#include "scaler/activation_streams.hpp"

#include "scaler/state/write_coalescer.hpp"

#include <mutex>
#include <utility>

namespace wakegate::scaler {
namespace {

/// Locks are taken in this order: board or outstanding_calls, then the stream's own. gRPC never
/// runs a reaction inside a Start* or Finish call, so those are safe under the stream's lock.
class activation_stream final : public grpc::ServerWriteReactor<externalscaler::IsActiveResponse>,
                                public activation_sink,
                                public outstanding_call {
public:
    activation_stream(
        demand_board& board,
        event_log& log,
        outstanding_calls& calls,
        const trigger_spec& trigger,
        std::string scaled_object
    )
        : board_(board),
          event_log_(log),
          calls_(calls),
          cluster_(trigger.cluster),
          scaled_object_(std::move(scaled_object)) {
        demand_.set_result(true);
        event_log_.stream_opened(cluster_, scaled_object_);
        StartSendInitialMetadata(
        ); // tells the caller that the stream is open, before the first push
        board_changes changes;
        subscription_ = board_.subscribe(trigger, *this, clock::now(), changes, scaled_object_);
        event_log_.record(changes);
    }

    void activate() noexcept override {
        const std::lock_guard lock(mutex_);
        if (!finished_ && writes_.request()) {
            StartWrite(&demand_);
        }
    }

    void end() noexcept override {
        const std::lock_guard lock(mutex_);
        finish_locked();
    }

    void OnWriteDone(bool ok) override {
        const std::lock_guard lock(mutex_);
        const bool writes_again = writes_.complete();
        if (!ok) {
            finish_locked();
        } else if (writes_again && !finished_) {
            StartWrite(&demand_);
        }
    }

    void OnCancel() override { end(); }

    void OnDone() override {
        board_.unsubscribe(subscription_);
        event_log_.stream_closed(cluster_, scaled_object_);
        calls_.remove(*this); // destroys this object
    }

private:
    void finish_locked() {
        if (!std::exchange(finished_, true)) {
            Finish(grpc::Status::OK);
        }
    }

    demand_board& board_;
    event_log& event_log_;
    outstanding_calls& calls_;
    const std::string cluster_;
    const std::string scaled_object_;
    externalscaler::IsActiveResponse demand_; ///< the only message there is; never changes
    demand_board::subscription subscription_ = 0;

    std::mutex mutex_;
    write_coalescer writes_;
    bool finished_ = false;
};

} // namespace

grpc::ServerWriteReactor<externalscaler::IsActiveResponse>*
activation_streams::open(const trigger_spec& trigger, std::string scaled_object) {
    auto stream = std::make_shared<activation_stream>(
        board_, event_log_, calls_, trigger, std::move(scaled_object)
    );
    auto* const reactor = stream.get();
    calls_.add(std::move(stream));
    return reactor;
}

} // namespace wakegate::scaler
