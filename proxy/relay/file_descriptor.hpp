#pragma once

#include <utility>

#include <unistd.h>

namespace wakegate::proxy {

/// Owns one descriptor. -1 is none.
class file_descriptor {
public:
    file_descriptor() noexcept = default;

    explicit file_descriptor(int value) noexcept : value_(value) {}

    file_descriptor(file_descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}

    file_descriptor& operator=(file_descriptor&& other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }

    file_descriptor(const file_descriptor&) = delete;
    file_descriptor& operator=(const file_descriptor&) = delete;

    ~file_descriptor() {
        if (value_ >= 0) {
            ::close(value_);
        }
    }

    [[nodiscard]] int get() const noexcept { return value_; }

private:
    int value_ = -1;
};

} // namespace wakegate::proxy
