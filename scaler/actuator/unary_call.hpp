#pragma once

#include "scaler/actuator/async_condition.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <memory>
#include <utility>

namespace wakegate::actuator {

/// One unary call awaited by a coroutine. gRPC's thread only posts to the executor. No deadline, as
/// in KEDA's polls: the call ends by its answer, its connection, or `context().TryCancel()`.
template <typename Request, typename Response>
class unary_call : public std::enable_shared_from_this<unary_call<Request, Response>> {
public:
    using on_answer = std::function<void(grpc::Status)>;
    using method = std::function<void(grpc::ClientContext*, const Request*, Response*, on_answer)>;

    unary_call(const boost::asio::any_io_executor& executor, Request request)
        : executor_(executor), answered_(executor), request_(std::move(request)) {}

    /// Once. True when the status is OK.
    [[nodiscard]] boost::asio::awaitable<bool> run(const method& rpc) {
        start(rpc);
        while (!done_) {
            co_await answered_.wait();
        }
        co_return status_.ok();
    }

    [[nodiscard]] grpc::ClientContext& context() noexcept { return context_; }

    [[nodiscard]] const Response& response() const noexcept { return response_; }

    [[nodiscard]] const grpc::Status& status() const noexcept { return status_; }

private:
    void start(const method& rpc) {
        const auto note = [executor = executor_,
                           self = this->shared_from_this()](grpc::Status status) mutable {
            auto finish = [self = std::move(self), status = std::move(status)] {
                self->status_ = status;
                self->done_ = true;
                self->answered_.notify();
            };
            boost::asio::post(executor, std::move(finish));
        };
        rpc(&context_, &request_, &response_, note);
    }

    boost::asio::any_io_executor executor_;
    async_condition answered_;
    grpc::ClientContext context_;
    Request request_;
    Response response_;
    grpc::Status status_;
    bool done_ = false;
};

} // namespace wakegate::actuator
