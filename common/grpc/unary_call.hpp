#pragma once

#include "common/async_condition.hpp"
#include "common/grpc/client_call.hpp"

#include <boost/asio/awaitable.hpp>

#include <grpcpp/support/client_callback.h>

#include <functional>
#include <utility>

namespace wakegate {

/// One unary call, awaited by a coroutine on the executor's thread. It has no deadline of its own,
/// as KEDA's polls have none: it ends by its answer, with its connection, or by `end`.
template <typename Request, typename Response>
class unary_call final : public client_call<grpc::ClientUnaryReactor> {
public:
    /// Calls the stub's method.
    using method = std::function<
        void(grpc::ClientContext*, const Request*, Response*, grpc::ClientUnaryReactor*)>;

    unary_call(
        const boost::asio::any_io_executor& executor, outstanding_calls& calls, Request request
    )
        : client_call(executor, calls), done_condition_(executor), request_(std::move(request)) {}

    /// Once. True when the status is OK.
    [[nodiscard]] boost::asio::awaitable<bool> run(const method& rpc) {
        register_call();
        rpc(&context(), &request_, &response_, this);
        StartCall();
        while (!done_) {
            co_await done_condition_.wait();
        }
        co_return status().ok();
    }

    [[nodiscard]] const Response& response() const noexcept { return response_; }

private:
    void on_done() override {
        done_ = true;
        done_condition_.notify();
    }

    async_condition done_condition_;
    Request request_;
    Response response_;
    bool done_ = false;
};

} // namespace wakegate
