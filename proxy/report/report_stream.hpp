#pragma once

#include "common/grpc/client_call.hpp"
#include "demand.grpc.pb.h"
#include "proxy/report/scaler_failure.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <grpcpp/support/client_callback.h>

#include <functional>
#include <memory>
#include <mutex>

namespace wakegate::proxy {

/// One Report call to one scaler replica. At most one message is being written; the next one is
/// built when it has been written, so no messages queue. Executor's thread only.
class report_stream final : public client_call<grpc::ClientBidiReactor<DemandReport, Ack>> {
public:
    struct callbacks {
        std::function<void(const Ack&)> on_ack;
        std::function<void()> on_writable;
        /// Exactly once, unless `abandon` came first.
        std::function<void(const scaler_failure& failure)> on_ended;
    };

    report_stream(
        const boost::asio::any_io_executor& executor, outstanding_calls& calls, callbacks handlers
    );

    void start(DemandReports::Stub& stub);
    /// Precondition: `writable()`.
    void send(DemandReport report);

    [[nodiscard]] bool writable() const noexcept { return writable_; }

    /// Ends the call; no callback is called any more.
    void abandon();

private:
    void OnReadDone(bool ok) override;
    void OnWriteDone(bool ok) override;
    void on_done() override;

    callbacks callbacks_;
    DemandReport outgoing_;
    Ack incoming_;
    bool writable_ = true;
    std::mutex mutex_;
    bool over_ = false; ///< no operation may start any more; guarded by mutex_
};

} // namespace wakegate::proxy
