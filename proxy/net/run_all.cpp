#include "proxy/net/run_all.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

struct tasks_under_way {
    asio::steady_timer over; ///< cancelled when the last one has ended
    std::size_t left;
};

} // namespace

asio::awaitable<void> run_all(std::vector<asio::awaitable<void>> tasks) {
    if (tasks.empty()) {
        co_return;
    }
    const auto executor = co_await asio::this_coro::executor;
    const auto under_way = std::make_shared<tasks_under_way>(
        asio::steady_timer(executor, asio::steady_timer::time_point::max()), tasks.size()
    );
    const auto one_less = [under_way](const std::exception_ptr&) {
        if (--under_way->left == 0) {
            under_way->over.cancel();
        }
    };
    for (auto& task : tasks) {
        asio::co_spawn(executor, std::move(task), one_less);
    }
    constexpr auto quiet = asio::as_tuple(asio::use_awaitable);
    if (under_way->left > 0) { // else the timer has been cancelled already
        co_await under_way->over.async_wait(quiet);
    }
}

} // namespace wakegate::proxy
