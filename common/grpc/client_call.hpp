#pragma once

#include "common/grpc/outstanding_calls.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <memory>
#include <utility>

namespace wakegate {

/// The bridge from gRPC's callbacks to Asio, for one call of a client. gRPC calls the reactions
/// (`OnReadDone` and the like) on threads of its own; they only `post` to the executor, whose one
/// thread owns everything else.
///
/// `Reactor` is one of gRPC's `Client…Reactor`s. Calls are made with `std::make_shared`; `calls`
/// keeps each alive until gRPC is done with it, and outlives it.
template <typename Reactor>
class client_call : public Reactor,
                    public outstanding_call,
                    public std::enable_shared_from_this<client_call<Reactor>> {
public:
    void end() noexcept override { context_.TryCancel(); }

    /// How the call ended; once `on_done` was called.
    [[nodiscard]] const grpc::Status& status() const noexcept { return status_; }

protected:
    client_call(const boost::asio::any_io_executor& executor, outstanding_calls& calls)
        : executor_(executor), calls_(calls) {}

    /// Call it first: the call is outstanding from then on. Then pass `context()` and this reactor
    /// to the stub's method, and call `StartCall`.
    void register_call() { calls_.add(this->shared_from_this()); }

    [[nodiscard]] grpc::ClientContext& context() noexcept { return context_; }

    /// Runs `handler` on the executor, with this object alive.
    template <typename Handler> void post(Handler handler) {
        auto kept_alive = [self = this->shared_from_this(),
                           handler = std::move(handler)]() mutable { handler(); };
        boost::asio::post(executor_, std::move(kept_alive));
    }

    /// The call is over. On the executor.
    virtual void on_done() = 0;

private:
    void OnDone(const grpc::Status& status) final {
        post([this, status] {
            status_ = status;
            on_done();
        });
        calls_.remove(*this); // may destroy this object
    }

    boost::asio::any_io_executor executor_;
    outstanding_calls& calls_;
    grpc::ClientContext context_;
    grpc::Status status_;
};

} // namespace wakegate
