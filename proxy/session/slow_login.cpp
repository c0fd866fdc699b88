#include "proxy/session/slow_login.hpp"

#include "common/log.hpp"

#include <algorithm>

namespace wakegate::proxy {

namespace asio = boost::asio;

/// A login that has begun just before the hold ends has its `login_timeout` all the same.
slow_login::slow_login(
    asio::ip::tcp::socket& client, const session_request& task, ticket who, permit& admitted
)
    : client_(client),
      task_(task),
      who_(who),
      admitted_(admitted),
      until_(std::max(task.deadline, clock::now() + task.endpoint->login_timeout)) {}

asio::awaitable<bool> slow_login::server_is_there(async_socket& server) {
    if (!watch_) {
        begin(server);
    }
    there_ = co_await task_.where->gate->probe_now();
    co_return there_ && !client_left_;
}

void slow_login::begin(async_socket& server) {
    log::info("login_slow").with("cluster", task_.where->settings.name).with("ticket", who_);
    admitted_.login_is_slow();
    watch_.emplace(client_, [this, &server] {
        client_left_ = true;
        boost::system::error_code ignored;
        server.socket().cancel(ignored);
    });
}

std::optional<client_error> slow_login::refusal() const {
    const bool ran_out = there_ && clock::now() >= until_;
    return ran_out ? std::optional(login_too_slow(task_.where->settings.name)) : std::nullopt;
}

} // namespace wakegate::proxy
