#include "proxy/net/run_all.hpp"

#include "common/async_condition.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

struct tasks_under_way {
    async_condition last_one_ended;
    std::size_t left;
};

} // namespace

asio::awaitable<void> run_all(std::vector<asio::awaitable<void>> tasks) {
    if (tasks.empty()) {
        co_return;
    }
    const auto executor = co_await asio::this_coro::executor;
    const auto under_way =
        std::make_shared<tasks_under_way>(async_condition(executor), tasks.size());
    const auto one_less = [under_way](const std::exception_ptr&) {
        if (--under_way->left == 0) {
            under_way->last_one_ended.notify();
        }
    };
    for (auto& task : tasks) {
        asio::co_spawn(executor, std::move(task), one_less);
    }
    while (under_way->left > 0) {
        co_await under_way->last_one_ended.wait();
    }
}

} // namespace wakegate::proxy
