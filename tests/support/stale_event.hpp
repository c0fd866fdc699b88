#pragma once

#include "common/no_throw.hpp"
#include "tests/support/loopback.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>

#include <unistd.h>

namespace wakegate::support {

/// Makes Asio end a wait though nothing has happened: when `come_up` returns, in the same turn of
/// the loop, the next descriptor that is registered gets the place of one that has been closed
/// while its event was queued, and that event with it: a hang-up, which ends waits of all kinds.
/// Of a context that has not run yet.
class stale_event {
public:
    explicit stale_event(asio::io_context& context)
        : first_(context, left_pipe()), second_(context, left_pipe()) {}

    asio::awaitable<void> come_up() {
        // One turn has queued the events of both, this one's first.
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

    asio::posix::stream_descriptor first_; // stays, or its own place would be the next one's
    asio::posix::stream_descriptor second_;
};

} // namespace wakegate::support
