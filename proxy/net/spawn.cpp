#include "proxy/net/spawn.hpp"

#include "common/log.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <utility>

namespace wakegate::proxy {
namespace {

void report_failure(const std::exception_ptr& failure) {
    if (!failure) {
        return;
    }
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& problem) {
        log::error("session_failed").with("reason", problem.what());
    }
}

} // namespace

void spawn(boost::asio::io_context& front, boost::asio::awaitable<void> work) {
    boost::asio::co_spawn(front, std::move(work), report_failure);
}

} // namespace wakegate::proxy
