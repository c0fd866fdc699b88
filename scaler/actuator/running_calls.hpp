#pragma once

#include <grpcpp/client_context.h>

#include <set>

namespace wakegate::actuator {

/// The calls under way, for a shutdown to cancel. One thread.
class running_calls {
public:
    /// Notes a call as long as it lives; it is cancelled at once when the shutdown came before.
    class entry {
    public:
        entry(running_calls& owner, grpc::ClientContext& call);
        entry(const entry&) = delete;
        entry& operator=(const entry&) = delete;
        ~entry();

    private:
        running_calls& owner_;
        grpc::ClientContext& call_;
    };

    /// These and all later ones.
    void cancel_all();

private:
    std::set<grpc::ClientContext*> calls_;
    bool cancelled_ = false;
};

} // namespace wakegate::actuator
