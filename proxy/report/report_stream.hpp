#pragma once

#include "demand.grpc.pb.h"
#include "proxy/report/scaler_failure.hpp"

#include <boost/asio/io_context.hpp>

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>

namespace wakegate::proxy {

/// Counts calls that gRPC may still call back for, so that what they refer to can outlive them.
class open_calls {
public:
    void begun();
    void done();
    void wait_for_none();

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t count_ = 0;
};

/// One Report call to one scaler replica. gRPC calls back on threads of its own; every call is
/// posted to the control thread, where all the rest of it lives. At most one message is under way;
/// what to say next is decided when it has gone, so nothing ever queues.
///
/// Create it with `open`; it keeps itself alive until the call is over. `on_ended` comes exactly
/// once, unless `abandon` came first.
class report_stream : public std::enable_shared_from_this<report_stream>,
                      private grpc::ClientBidiReactor<DemandReport, Ack> {
public:
    struct callbacks {
        std::function<void(const Ack&)> on_directive;
        std::function<void()> on_writable;
        std::function<void(const scaler_failure& why)> on_ended;
    };

    [[nodiscard]] static std::shared_ptr<report_stream> open(
        boost::asio::io_context& control,
        open_calls& calls,
        DemandReports::Stub& stub,
        callbacks told
    );

    /// Precondition: `writable()`.
    void send(DemandReport message);

    [[nodiscard]] bool writable() const noexcept { return writable_; }

    /// Ends the call now and says nothing more.
    void abandon();

private:
    report_stream(boost::asio::io_context& control, open_calls& calls, callbacks told);

    void OnReadDone(bool ok) override;
    void OnWriteDone(bool ok) override;
    void OnDone(const grpc::Status& status) override;

    boost::asio::io_context& control_;
    open_calls& calls_;
    callbacks told_;
    grpc::ClientContext context_;
    DemandReport outgoing_;
    Ack incoming_;
    std::shared_ptr<report_stream> self_; ///< released by OnDone
    bool writable_ = true;
    std::mutex mutex_;
    bool over_ = false; ///< no operation may start any more; guarded by mutex_
};

} // namespace wakegate::proxy
