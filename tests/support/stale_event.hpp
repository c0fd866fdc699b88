#pragma once

#include "common/no_throw.hpp"
#include "tests/support/loopback.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>

#include <unistd.h>

namespace wakegate::support {

/// Makes Asio end a wait without a cause: in the turn of the loop in which `come_up` returns, the
/// next registered descriptor gets the slot of one that was closed while its event was queued, and
/// with it that event: a hang-up, which ends all kinds of waits. For a context that has not run
/// yet.
class stale_event {
public:
    explicit stale_event(asio::io_context& context)
        : first_(context, left_pipe()), second_(context, left_pipe()) {}

    asio::awaitable<void> come_up() {
        // One turn queues both events, this one's first.
        co_await first_.async_wait(asio::posix::stream_descriptor::wait_read, no_throw);
        second_.close();
    }

private:
    static int left_pipe() {
        std::array<int, 2> ends{};
        if (::pipe(ends.data()) == 0) {
            ::close(ends.back());
        }
        return ends.front();
    }

    asio::posix::stream_descriptor first_; // stays open, or its own slot would be reused first
    asio::posix::stream_descriptor second_;
};

} // namespace wakegate::support
