#include "proxy/report/report_stream.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace wakegate::proxy {

void open_calls::begun() {
    const std::lock_guard lock(mutex_);
    ++count_;
}

void open_calls::done() {
    const std::lock_guard lock(mutex_);
    --count_;
    changed_.notify_all();
}

void open_calls::wait_for_none() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return count_ == 0; });
}

report_stream::report_stream(boost::asio::io_context& control, open_calls& calls, callbacks told)
    : control_(control), calls_(calls), told_(std::move(told)) {}

std::shared_ptr<report_stream> report_stream::open(
    boost::asio::io_context& control, open_calls& calls, DemandReports::Stub& stub, callbacks told
) {
    const std::shared_ptr<report_stream> made(new report_stream(control, calls, std::move(told)));
    made->self_ = made;
    calls.begun();
    stub.async()->Report(&made->context_, made.get());
    made->StartRead(&made->incoming_);
    // Writes start outside of gRPC's callbacks, so the call must not end between them.
    made->AddHold();
    made->StartCall();
    return made;
}

void report_stream::send(DemandReport message) {
    writable_ = false;
    const std::lock_guard lock(mutex_);
    if (!over_) {
        outgoing_ = std::move(message);
        StartWrite(&outgoing_);
    }
}

void report_stream::abandon() {
    told_ = {};
    context_.TryCancel();
}

void report_stream::OnReadDone(bool ok) {
    if (!ok) {
        // The replica has ended the call or is gone.
        {
            const std::lock_guard lock(mutex_);
            over_ = true;
        }
        RemoveHold();
        return;
    }
    boost::asio::post(control_, [self = shared_from_this(), directive = incoming_] {
        if (self->told_.on_directive) {
            self->told_.on_directive(directive);
        }
    });
    StartRead(&incoming_);
}

void report_stream::OnWriteDone(bool ok) {
    if (!ok) {
        return; // OnDone follows
    }
    boost::asio::post(control_, [self = shared_from_this()] {
        self->writable_ = true;
        if (self->told_.on_writable) {
            self->told_.on_writable();
        }
    });
}

void report_stream::OnDone(const grpc::Status& status) {
    auto& calls = calls_;
    boost::asio::post(control_, [self = std::move(self_), why = to_failure(status)] {
        self->writable_ = false;
        const auto told = std::exchange(self->told_, {});
        if (told.on_ended) {
            told.on_ended(why);
        }
    });
    calls.done();
}

} // namespace wakegate::proxy
