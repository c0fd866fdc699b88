#pragma once

#include "scaler/actuator/async_condition.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <functional>
#include <memory>
#include <utility>

namespace wakegate::actuator {

/// A server-streaming call read message by message from a coroutine. gRPC's threads only post to
/// the executor; all state is its thread's.
///
/// The next message is asked for by `next`, so that while one is handled gRPC's flow control holds
/// back the rest, as KEDA's blocked receive loop does.
///
///     auto stream = make_shared<server_stream<R>>(executor);
///     stream->start([&](auto* context, auto* reactor) { stub.async()->Rpc(context, &request,
///     reactor); }); while (const R* message = co_await stream->next()) { … } stream->status();
///
/// It must be read to its end: gRPC refers to it until then (it keeps itself alive).
template <typename Response>
class server_stream final : public grpc::ClientReadReactor<Response>,
                            public std::enable_shared_from_this<server_stream<Response>> {
public:
    using reactor = grpc::ClientReadReactor<Response>;

    explicit server_stream(const boost::asio::any_io_executor& executor)
        : executor_(executor), changed_(executor) {}

    /// `bind` calls the stub's method, which copies the request.
    void start(const std::function<void(grpc::ClientContext*, reactor*)>& bind) {
        self_ = this->shared_from_this();
        bind(&context_, this);
        this->AddHold(); // reads are started from outside gRPC's own calls
        this->StartCall();
    }

    /// nullptr: the stream has ended. The message is valid until the next call.
    [[nodiscard]] boost::asio::awaitable<const Response*> next() {
        reading_ = true;
        this->StartRead(&message_);
        while (reading_) {
            co_await changed_.wait();
        }
        if (got_message_) {
            co_return &message_;
        }
        this->RemoveHold();
        while (!done_) {
            co_await changed_.wait();
        }
        co_return nullptr;
    }

    /// How the server ended it; after `next` gave nullptr.
    [[nodiscard]] const grpc::Status& status() const noexcept { return status_; }

    [[nodiscard]] grpc::ClientContext& context() noexcept { return context_; }

private:
    void OnReadDone(bool ok) override {
        auto note = [self = this->shared_from_this(), ok] {
            self->reading_ = false;
            self->got_message_ = ok;
            self->changed_.notify();
        };
        boost::asio::post(executor_, std::move(note));
    }

    void OnDone(const grpc::Status& status) override {
        // gRPC is through with us: what keeps us alive goes to the executor's thread, which may
        // destroy us before `post` returns.
        const auto executor = executor_;
        auto note = [self = std::move(self_), status] {
            self->status_ = status;
            self->done_ = true;
            self->changed_.notify();
        };
        boost::asio::post(executor, std::move(note));
    }

    boost::asio::any_io_executor executor_;
    async_condition changed_;
    grpc::ClientContext context_;
    Response message_;
    grpc::Status status_;
    std::shared_ptr<server_stream> self_;
    bool reading_ = false;
    bool got_message_ = false;
    bool done_ = false;
};

} // namespace wakegate::actuator
