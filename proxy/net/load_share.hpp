#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace wakegate::proxy {

/// One connection in a worker's load, for as long as this lives, even beyond the worker. Any
/// thread.
class load_share {
public:
    using counter = std::atomic<std::size_t>;

    explicit load_share(std::shared_ptr<counter> counted) : counted_(std::move(counted)) {
        ++*counted_;
    }

    load_share(load_share&&) noexcept = default;
    load_share& operator=(load_share&&) = delete;

    ~load_share() {
        if (counted_ != nullptr) {
            --*counted_;
        }
    }

private:
    std::shared_ptr<counter> counted_;
};

} // namespace wakegate::proxy
