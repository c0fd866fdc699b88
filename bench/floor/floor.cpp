/// What forwarding alone costs on this kernel: the lower bound with which wakegate-proxy's relay is
/// compared.
///
///     bench-floor PORT BACKEND_PORT
///
/// One thread, one edge-triggered epoll set, one buffer for all; bytes that a socket does not take
/// are kept, and their source is not read until they are sent. It parses nothing, has no limits and
/// no fairness, and ends by a signal.
#include "bench/loopback.hpp"

#include <array>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

namespace wakegate::bench {
namespace {

constexpr std::size_t buffer_size = 256 * 1024;
constexpr int backlog = 4096;

/// One socket of a pair, and the bytes on their way into it.
struct end {
    file_descriptor socket;
    end* other = nullptr;
    std::string kept;      ///< read from the other, refused by this socket so far
    bool readable = false; ///< since an edge, until a short read
    bool ended = false;    ///< its stream has ended
    bool dead = false;     ///< deleted after this turn
};

class floor_relay {
public:
    floor_relay(int port, int backend_port)
        : epoll_(check(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
          listening_(tcp_socket(SOCK_NONBLOCK)),
          backend_(loopback(backend_port)),
          buffer_(new char[buffer_size]) {
        const int on = 1;
        ::setsockopt(listening_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        const auto address = loopback(port);
        check(
            ::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
            "bind"
        );
        check(::listen(listening_.get(), backlog), "listen");
        epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
        check(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, listening_.get(), &event), "epoll_ctl");
    }

    [[noreturn]] void run() {
        std::array<epoll_event, 128> events{};
        for (;;) {
            const auto count = ::epoll_wait(epoll_.get(), events.data(), events.size(), -1);
            for (int i = 0; i < count; ++i) {
                const auto& event = events[static_cast<std::size_t>(i)];
                if (event.data.ptr == nullptr) {
                    accept_all();
                } else {
                    serve(*static_cast<end*>(event.data.ptr), event.events);
                }
            }
            for (auto* each : dead_) {
                delete each;
            }
            dead_.clear();
        }
    }

private:
    void accept_all() {
        for (;;) {
            file_descriptor client(
                ::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)
            );
            if (client.get() < 0) {
                return;
            }
            auto server = tcp_socket(SOCK_NONBLOCK);
            ::connect(server.get(), reinterpret_cast<const sockaddr*>(&backend_), sizeof backend_);
            auto* const left = new end{.socket = std::move(client)};
            auto* const right = new end{.socket = std::move(server), .other = left};
            left->other = right;
            watch(*left);
            watch(*right);
        }
    }

    void watch(end& side) {
        send_at_once(side.socket.get());
        epoll_event event{
            .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
            .data = {.ptr = &side},
        };
        check(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, side.socket.get(), &event), "epoll_ctl");
    }

    void serve(end& side, std::uint32_t events) {
        if (side.dead) {
            return;
        }
        if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
            side.readable = true;
            // Its last bytes and its end may come with one edge: then a short read is not the last.
            pump(side, (events & ~static_cast<std::uint32_t>(EPOLLIN | EPOLLOUT)) != 0);
        }
        if (!side.dead && !side.kept.empty()) {
            std::string pending;
            pending.swap(side.kept);
            send(side, pending);
            if (side.kept.empty()) {
                pump(*side.other, true);
            }
        }
    }

    void pump(end& from, bool until_empty) {
        auto& to = *from.other;
        while (from.readable && !from.dead && to.kept.empty()) {
            const auto count = ::recv(from.socket.get(), buffer_.get(), buffer_size, 0);
            if (count <= 0) {
                from.readable = false;
                from.ended = count == 0 || errno != EAGAIN;
                break;
            }
            const auto size = static_cast<std::size_t>(count);
            from.readable = until_empty || size == buffer_size;
            send(to, {buffer_.get(), size});
        }
        if (from.ended && to.kept.empty()) {
            finish(from);
        }
    }

    /// Before the backend is connected `to` takes no bytes, like a full socket.
    void send(end& to, std::string_view data) {
        const auto count = ::send(to.socket.get(), data.data(), data.size(), MSG_NOSIGNAL);
        if (count < 0 && errno != EAGAIN && errno != ENOTCONN) {
            bury(to);
            return;
        }
        const auto sent = count < 0 ? 0 : static_cast<std::size_t>(count);
        if (sent < data.size()) {
            to.kept.assign(data.substr(sent));
        }
    }

    void finish(end& from) {
        ::shutdown(from.other->socket.get(), SHUT_WR);
        if (from.other->ended) {
            bury(from);
        }
    }

    /// Marks both ends for deletion: later events of this turn may still refer to them.
    void bury(end& side) {
        if (!side.dead) {
            for (auto* each : {&side, side.other}) {
                each->dead = true;
                each->socket = file_descriptor();
                dead_.push_back(each);
            }
        }
    }

    file_descriptor epoll_;
    file_descriptor listening_;
    sockaddr_in backend_;
    std::unique_ptr<char[]> buffer_;
    std::vector<end*> dead_;
};

} // namespace
} // namespace wakegate::bench

int main(int argc, char** argv) {
    using namespace wakegate::bench;
    try {
        if (argc != 3) {
            throw std::runtime_error("usage: bench-floor PORT BACKEND_PORT");
        }
        floor_relay(to_number(argv[1], 1, 65535), to_number(argv[2], 1, 65535)).run();
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "bench-floor: %s\n", problem.what());
        return 1;
    }
}
