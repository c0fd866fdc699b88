#pragma once

#include "common/clock.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>

namespace wakegate::actuator::testing {

/// Runs `context` on this thread until `done` holds; false after a deadline that only failing runs
/// reach.
inline bool run_until(boost::asio::io_context& context, const std::function<bool()>& done) {
    const auto deadline = clock::now() + std::chrono::seconds(60);
    while (!done()) {
        if (clock::now() > deadline) {
            return false;
        }
        context.restart();
        context.run_one_for(milliseconds(5));
    }
    return true;
}

} // namespace wakegate::actuator::testing
