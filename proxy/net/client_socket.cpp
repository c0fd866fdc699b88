#include "proxy/net/client_socket.hpp"

#include "common/host_port.hpp"
#include "common/no_throw.hpp"

#include <cerrno>
#include <utility>

#include <sys/socket.h>

namespace wakegate::proxy {

namespace asio = boost::asio;

asio::awaitable<std::optional<char>> client_socket::peek() {
    for (;;) {
        char byte = 0;
        const auto count = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        if (count == 1) {
            co_return byte;
        }
        if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
            co_return std::nullopt;
        }
        const auto [cancelled] =
            co_await socket().async_wait(asio::socket_base::wait_read, no_throw);
        if (cancelled) {
            co_return std::nullopt;
        }
    }
}

asio::awaitable<bool> client_socket::secure(std::shared_ptr<const tls::server_context> context) {
    auto stream = context->open(socket().native_handle());
    co_return co_await handshake(std::move(stream));
}

client_socket::connection_addresses client_socket::addresses() const {
    if (header_addresses_ != nullptr) {
        return *header_addresses_;
    }
    boost::system::error_code gone;
    return {.client = other_end(), .gate = socket().local_endpoint(gone)};
}

asio::ip::tcp::endpoint client_socket::source_endpoint() const {
    return header_addresses_ != nullptr ? header_addresses_->client : other_end();
}

asio::ip::address client_socket::source() const {
    return source_endpoint().address();
}

std::string client_socket::host() const {
    const auto address = source();
    if (address.is_unspecified()) {
        return header_addresses_ != nullptr ? "unknown" : "gone";
    }
    return address.to_string();
}

std::string client_socket::peer() const {
    const auto client = source_endpoint();
    return client.address().is_unspecified() ? host() : to_string(host_port{host(), client.port()});
}

const asio::ip::tcp::endpoint& client_socket::other_end() const {
    if (other_end_.address().is_unspecified()) {
        boost::system::error_code gone;
        other_end_ = socket().remote_endpoint(gone);
    }
    return other_end_;
}

} // namespace wakegate::proxy
