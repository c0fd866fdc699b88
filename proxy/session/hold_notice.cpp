#include "proxy/session/hold_notice.hpp"

#include "common/async_condition.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

struct hold_notice::state {
    state(const asio::any_io_executor& home, duration after) : due(home, after), written(home) {}

    asio::steady_timer due;
    async_condition written;
    std::string message;
    bool over = false;
    bool sent = false;
    bool writing = false;
};

hold_notice::hold_notice(client_socket& client, duration after, std::function<std::string()> text)
    : state_(std::make_shared<state>(client.socket().get_executor(), after)) {
    const auto shared = state_;
    shared->due.async_wait(
        [&client, shared, text = std::move(text)](boost::system::error_code stopped) {
            if (stopped || shared->over) {
                return;
            }
            shared->sent = true;
            shared->writing = true;
            shared->message = text();
            // A client that has gone needs no notice; `hangup_watch` ends the session.
            asio::co_spawn(
                client.socket().get_executor(),
                client.write(shared->message),
                [shared](const std::exception_ptr&, bool) {
                    shared->writing = false;
                    shared->written.notify();
                }
            );
        }
    );
}

hold_notice::~hold_notice() {
    state_->over = true;
    state_->due.cancel();
}

bool hold_notice::sent() const noexcept {
    return state_->sent;
}

asio::awaitable<void> hold_notice::finish_sending() const {
    const auto shared = state_;
    shared->over = true;
    while (shared->writing) {
        co_await shared->written.wait();
    }
}

} // namespace wakegate::proxy
