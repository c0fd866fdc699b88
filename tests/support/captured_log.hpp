#pragma once

#include "common/log.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wakegate::support {

/// Captures what this process logs or writes to standard error, until it is taken.
class captured_log {
public:
    captured_log() {
        flush(); // earlier lines are no part of it
        testing::internal::CaptureStderr();
    }

    captured_log(const captured_log&) = delete;
    captured_log& operator=(const captured_log&) = delete;

    ~captured_log() {
        if (!taken_) {
            static_cast<void>(take());
        }
    }

    /// Call it once.
    [[nodiscard]] std::string take() {
        flush();
        taken_ = true;
        return testing::internal::GetCapturedStderr();
    }

private:
    static void flush() { EXPECT_TRUE(log::flush(milliseconds(30'000))); }

    bool taken_ = false;
};

} // namespace wakegate::support
