#pragma once

#include "common/async_condition.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>

namespace wakegate::actuator {

/// KEDA's scalingMutex of one scaled object: polls and pushes run one at a time, in order of
/// arrival. The order matters: a push that arrives during a stop hook must be next.
/// One thread; outlives every turn it gave out.
class async_mutex {
public:
    class guard {
    public:
        explicit guard(async_mutex& owner) noexcept;
        guard(guard&& other) noexcept;
        guard& operator=(guard&&) = delete;
        ~guard();

    private:
        async_mutex* owner_;
    };

    explicit async_mutex(const boost::asio::any_io_executor& executor);

    [[nodiscard]] boost::asio::awaitable<guard> lock();

private:
    async_condition released_;
    std::uint64_t next_ticket_ = 0;
    std::uint64_t serving_ = 0;
};

} // namespace wakegate::actuator
