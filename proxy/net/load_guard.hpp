#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace wakegate::proxy {

/// Counts one connection in a worker's load while this lives, even beyond the worker. Any thread.
class load_guard {
public:
    using counter = std::atomic<std::size_t>;

    explicit load_guard(std::shared_ptr<counter> counted) : counted_(std::move(counted)) {
        ++*counted_;
    }

    load_guard(load_guard&&) noexcept = default;
    load_guard& operator=(load_guard&&) = delete;

    ~load_guard() {
        if (counted_ != nullptr) {
            --*counted_;
        }
    }

private:
    std::shared_ptr<counter> counted_;
};

} // namespace wakegate::proxy
