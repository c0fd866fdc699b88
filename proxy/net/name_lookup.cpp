#include "proxy/net/name_lookup.hpp"

#include "common/no_throw.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace wakegate::proxy {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

/// One query to the resolver, on the calling coroutine's thread.
class question {
public:
    question(
        const asio::any_io_executor& home,
        const std::string& name,
        duration limit,
        resolver_pool& resolver
    )
        : state_(std::make_shared<state>(home, limit)),
          waiter_(std::make_shared<resolver_pool::waiter>(
              [home, state = state_](const resolver_pool::answer& found) {
                  asio::post(home, [state, found] { state->take(found); });
              }
          )) {
        resolver.ask(name, waiter_);
    }

    question(const question&) = delete;
    question& operator=(const question&) = delete;

    ~question() {
        waiter_->cancel();
        state_->timer.reset(); // here: the answer may be dropped after `home` is gone
    }

    /// The answer; at the limit an error.
    [[nodiscard]] asio::awaitable<resolver_pool::answer> answered() const {
        co_await state_->timer->async_wait(no_throw);
        co_return std::move(state_->found);
    }

private:
    struct state {
        state(const asio::any_io_executor& home, duration limit)
            : timer(std::make_unique<asio::steady_timer>(home, limit)) {}

        void take(const resolver_pool::answer& answer) {
            if (timer) {
                found = answer;
                timer->cancel();
            }
        }

        std::unique_ptr<asio::steady_timer> timer; ///< null: no caller waits
        resolver_pool::answer found = lookup_error{"no answer from the name service"};
    };

    std::shared_ptr<state> state_;
    std::shared_ptr<resolver_pool::waiter> waiter_;
};

} // namespace

asio::awaitable<lookup_result>
resolve_name(host_port address, duration limit, resolver_pool& resolver) {
    boost::system::error_code not_literal;
    const auto literal = asio::ip::make_address(address.host, not_literal);
    std::vector<tcp::endpoint> found;
    if (!not_literal) {
        found.emplace_back(literal, address.port);
        co_return found;
    }
    const auto executor = co_await asio::this_coro::executor;
    const question lookup(executor, address.host, limit, resolver);
    const auto answer = co_await lookup.answered();
    if (!answer) {
        co_return answer.error();
    }
    for (const auto& each : *answer) {
        found.emplace_back(each, address.port);
    }
    co_return found;
}

asio::awaitable<std::vector<tcp::endpoint>>
resolve_endpoints(host_port address, duration limit, resolver_pool& resolver) {
    auto found = co_await resolve_name(std::move(address), limit, resolver);
    if (!found) {
        co_return std::vector<tcp::endpoint>();
    }
    co_return *std::move(found);
}

std::string no_address_message(const host_port& address) {
    return "'" + address.host + "' has no address; check the name and DNS";
}

} // namespace wakegate::proxy
