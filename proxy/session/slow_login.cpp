#include "proxy/session/slow_login.hpp"

#include "common/log.hpp"

#include <algorithm>

namespace wakegate::proxy {

namespace asio = boost::asio;

/// A login that begins just before the hold ends still gets its `login_timeout`.
slow_login::slow_login(
    asio::ip::tcp::socket& client, const session_request& request, ticket session, permit& admitted
)
    : client_(client),
      request_(request),
      session_(session),
      admitted_(admitted),
      deadline_(std::max(request.deadline, clock::now() + request.endpoint->login_timeout)) {}

asio::awaitable<bool> slow_login::is_server_alive(async_socket& server) {
    if (!watch_) {
        begin(server);
    }
    alive_ = co_await request_.target->gate->probe_now();
    co_return alive_ && !client_left_;
}

void slow_login::begin(async_socket& server) {
    log::info("login_slow")
        .with("cluster", request_.target->settings.name)
        .with("ticket", session_);
    admitted_.login_is_slow();
    watch_.emplace(client_, [this, &server] {
        client_left_ = true;
        boost::system::error_code ignored;
        server.socket().cancel(ignored);
    });
}

bool slow_login::timed_out() const noexcept {
    return alive_ && clock::now() >= deadline_;
}

} // namespace wakegate::proxy
