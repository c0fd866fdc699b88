#pragma once

#include "common/async_condition.hpp"
#include "common/grpc/client_call.hpp"

#include <boost/asio/awaitable.hpp>

#include <grpcpp/support/client_callback.h>

#include <functional>

namespace wakegate {

/// A server-streaming call, read message by message by a coroutine on the executor's thread.
///
/// `next` requests one message, so that while it is handled gRPC's flow control holds back the
/// rest, as KEDA's blocking receive loop does.
///
///     const auto stream = std::make_shared<server_stream<R>>(executor, calls);
///     stream->start([&](auto* context, auto* reactor) {
///         stub.async()->Rpc(context, &request, reactor);
///     });
///     while (const R* message = co_await stream->next()) { … }
///     stream->status();
///
/// It must be read to its end: until then it is outstanding.
template <typename Response>
class server_stream final : public client_call<grpc::ClientReadReactor<Response>> {
public:
    using reactor = grpc::ClientReadReactor<Response>;

    server_stream(const boost::asio::any_io_executor& executor, outstanding_calls& calls)
        : client_call<reactor>(executor, calls), changed_(executor) {}

    /// `rpc` calls the stub's method, which copies the request.
    void start(const std::function<void(grpc::ClientContext*, reactor*)>& rpc) {
        this->register_call();
        rpc(&this->context(), this);
        this->AddHold(); // reads start outside of gRPC's reactions
        this->StartCall();
    }

    /// nullptr: the stream has ended. The message is valid until the next call.
    [[nodiscard]] boost::asio::awaitable<const Response*> next() {
        reading_ = true;
        this->StartRead(&message_);
        while (reading_) {
            co_await changed_.wait();
        }
        if (has_message_) {
            co_return &message_;
        }
        this->RemoveHold();
        while (!done_) {
            co_await changed_.wait();
        }
        co_return nullptr;
    }

private:
    void OnReadDone(bool ok) override {
        this->post([this, ok] {
            reading_ = false;
            has_message_ = ok;
            changed_.notify();
        });
    }

    void on_done() override {
        done_ = true;
        changed_.notify();
    }

    async_condition changed_;
    Response message_;
    bool reading_ = false;
    bool has_message_ = false;
    bool done_ = false;
};

} // namespace wakegate
