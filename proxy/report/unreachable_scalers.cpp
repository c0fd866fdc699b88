#include "proxy/report/unreachable_scalers.hpp"

#include <utility>

namespace wakegate::proxy {

void unreachable_scalers::expect(const std::string& address) {
    failures_.try_emplace(address, scaler_failure{scaler_failure_kind::no_answer, "no answer yet"});
}

void unreachable_scalers::fail(const std::string& address, scaler_failure failure) {
    failures_[address] = std::move(failure);
}

void unreachable_scalers::remove(const std::string& address) {
    failures_.erase(address);
    warnings_.end(address);
}

std::vector<unreachable_scaler> unreachable_scalers::due(time_point now) {
    std::vector<unreachable_scaler> found;
    for (const auto& [address, failure] : failures_) {
        if (warnings_.is_due(address, now)) {
            found.push_back({address, failure});
        }
    }
    return found;
}

std::vector<unreachable_scaler> unreachable_scalers::all() const {
    std::vector<unreachable_scaler> found;
    found.reserve(failures_.size());
    for (const auto& [address, failure] : failures_) {
        found.push_back({address, failure});
    }
    return found;
}

} // namespace wakegate::proxy
