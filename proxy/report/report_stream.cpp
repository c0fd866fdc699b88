#include "proxy/report/report_stream.hpp"

#include <utility>

namespace wakegate::proxy {

report_stream::report_stream(
    const boost::asio::any_io_executor& executor, outstanding_calls& calls, callbacks handlers
)
    : client_call(executor, calls), callbacks_(std::move(handlers)) {}

void report_stream::start(DemandReports::Stub& stub) {
    register_call();
    stub.async()->Report(&context(), this);
    StartRead(&incoming_);
    AddHold(); // needed since writes start outside of gRPC's callbacks
    StartCall();
}

void report_stream::send(DemandReport report) {
    writable_ = false;
    const std::lock_guard lock(mutex_);
    if (!over_) {
        outgoing_ = std::move(report);
        StartWrite(&outgoing_);
    }
}

void report_stream::abandon() {
    callbacks_ = {};
    end();
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
    post([this, ack = incoming_] {
        if (callbacks_.on_ack) {
            callbacks_.on_ack(ack);
        }
    });
    StartRead(&incoming_);
}

void report_stream::OnWriteDone(bool ok) {
    if (!ok) {
        return; // OnDone follows
    }
    post([this] {
        writable_ = true;
        if (callbacks_.on_writable) {
            callbacks_.on_writable();
        }
    });
}

void report_stream::on_done() {
    writable_ = false;
    const auto handlers = std::exchange(callbacks_, {});
    if (handlers.on_ended) {
        handlers.on_ended(to_failure(status()));
    }
}

} // namespace wakegate::proxy
