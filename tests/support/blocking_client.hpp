#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace wakegate::support {

/// A blocking client of a loopback server, for the test's own thread. Times out after a minute.
class blocking_client {
public:
    explicit blocking_client(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
        constexpr timeval limit{.tv_sec = 60, .tv_usec = 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
        connected_ = ::connect(descriptor_, generic, sizeof address) == 0;
    }

    blocking_client(const blocking_client&) = delete;
    blocking_client& operator=(const blocking_client&) = delete;

    ~blocking_client() { ::close(descriptor_); }

    [[nodiscard]] bool connected() const noexcept { return connected_; }

    /// False when the server has hung up.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count < 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }

    /// Reads until the server hangs up or resets the connection.
    [[nodiscard]] std::string read_to_end() {
        std::string received;
        for (;;) {
            char chunk[4096];
            const auto count = ::recv(descriptor_, chunk, sizeof chunk, 0);
            if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
                throw std::runtime_error("the server neither spoke nor hung up for a minute");
            }
            if (count <= 0) {
                return received;
            }
            received.append(chunk, static_cast<std::size_t>(count));
        }
    }

private:
    int descriptor_;
    bool connected_ = false;
};

} // namespace wakegate::support
