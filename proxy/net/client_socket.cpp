#include "proxy/net/client_socket.hpp"

#include "common/host_port.hpp"

#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

asio::awaitable<bool> client_socket::secure(std::shared_ptr<const tls::server_context> context) {
    auto stream = context->open(socket().native_handle());
    co_return co_await handshake(std::move(stream));
}

asio::ip::address client_socket::source() const {
    boost::system::error_code gone;
    return socket().remote_endpoint(gone).address();
}

std::string client_socket::host() const {
    boost::system::error_code gone;
    const auto endpoint = socket().remote_endpoint(gone);
    return gone ? std::string("gone") : endpoint.address().to_string();
}

std::string client_socket::peer() const {
    boost::system::error_code gone;
    const auto endpoint = socket().remote_endpoint(gone);
    return gone ? std::string("gone")
                : to_string(host_port{endpoint.address().to_string(), endpoint.port()});
}

} // namespace wakegate::proxy
