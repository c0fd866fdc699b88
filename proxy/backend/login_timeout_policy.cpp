#include "proxy/backend/login_timeout_policy.hpp"

#include "proxy/net/phase_deadline.hpp"

#include <algorithm>

namespace wakegate::proxy {

namespace asio = boost::asio;

asio::awaitable<bool> login_connection::write(std::string_view data) {
    const phase_deadline deadline(server_.socket(), silence_);
    const bool written = co_await server_.write(data);
    co_return written;
}

asio::awaitable<std::size_t> login_connection::read_some(std::span<char> room) {
    for (;;) {
        std::size_t count = 0;
        bool silent = false;
        {
            const auto left = policy_.deadline() - clock::now();
            const phase_deadline deadline(server_.socket(), std::min<duration>(silence_, left));
            count = co_await server_.read_some(room);
            silent = count == 0 && deadline.expired();
        }
        if (!silent) {
            co_return count;
        }
        const bool is_alive = co_await policy_.is_server_alive(server_);
        if (!is_alive || clock::now() >= policy_.deadline()) {
            timed_out_ = true;
            co_return 0;
        }
    }
}

} // namespace wakegate::proxy
