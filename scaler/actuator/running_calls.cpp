#include "scaler/actuator/running_calls.hpp"

namespace wakegate::actuator {

running_calls::entry::entry(running_calls& owner, grpc::ClientContext& call)
    : owner_(owner), call_(call) {
    owner_.calls_.insert(&call_);
    if (owner_.cancelled_) {
        call_.TryCancel();
    }
}

running_calls::entry::~entry() {
    owner_.calls_.erase(&call_);
}

void running_calls::cancel_all() {
    cancelled_ = true;
    for (auto* const call : calls_) {
        call->TryCancel();
    }
}

} // namespace wakegate::actuator
