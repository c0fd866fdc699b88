/// A Postgres stand-in that costs almost nothing: refuses connections until told to open, then
/// admits all at once and answers every query with one row. Measurements in front of it contain no
/// forking of backends.
///
///     bench-fake-server PORT     commands on standard input, answers on standard output:
///     open                       accepts from now on; answers {"opened_ns":…}
///     report                     answers {"first_login_ns":…,"last_login_ns":…,"logins":…}
///
/// Ends with its standard input. One thread.
#include "bench/loopback.hpp"

#include <array>
#include <cstdio>
#include <exception>
#include <string>
#include <unordered_map>

#include <unistd.h>

namespace wakegate::bench {
namespace {

constexpr std::uint32_t ssl_request = 80877103; // PostgreSQL, src/include/libpq/pqcomm.h
constexpr std::uint32_t gss_request = 80877104;
constexpr int backlog = 4096;
constexpr std::string_view ready("Z\0\0\0\5I", 6);

std::string login_answer(std::uint32_t pid) {
    using namespace std::string_view_literals;
    auto bytes = message('R', "\0\0\0\0"sv);
    bytes += message('S', "server_version\00015.0\0"sv);
    bytes += message('S', "server_encoding\0UTF8\0"sv);
    bytes += message('S', "client_encoding\0UTF8\0"sv);
    std::string key;
    append_big_endian(key, pid);
    append_big_endian(key, ~pid);
    return bytes.append(message('K', key)).append(ready);
}

/// One row with one column of type text: "1".
std::string query_answer() {
    using namespace std::string_view_literals;
    auto bytes = message('T', "\0\1?column?\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0"sv);
    bytes += message(
        'D',
        "\0\1\0\0\0\1"
        "1"sv
    );
    bytes += message('C', "SELECT 1\0"sv);
    return bytes.append(ready);
}

struct connection {
    file_descriptor socket;
    std::string received;
    bool logged_in = false;
};

class fake_server {
public:
    explicit fake_server(int port)
        : epoll_(check(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
          listening_(tcp_socket(SOCK_NONBLOCK)) {
        const int on = 1;
        ::setsockopt(listening_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        const auto address = loopback(port);
        // Bound but not listening: the port is reserved, and connects are refused.
        check(
            ::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
            "bind"
        );
        watch(epoll_.get(), STDIN_FILENO, EPOLLIN);
    }

    void run() {
        std::array<epoll_event, 256> events{};
        while (!over_) {
            const auto count = ::epoll_wait(epoll_.get(), events.data(), events.size(), -1);
            for (int i = 0; i < count; ++i) {
                const auto descriptor = events.at(static_cast<std::size_t>(i)).data.fd;
                if (descriptor == STDIN_FILENO) {
                    process_commands();
                } else if (descriptor == listening_.get()) {
                    accept_all();
                } else {
                    serve(descriptor);
                }
            }
        }
    }

private:
    void process_commands() {
        std::array<char, 256> chunk{};
        const auto count = ::read(STDIN_FILENO, chunk.data(), chunk.size());
        if (count <= 0) {
            over_ = true;
            return;
        }
        commands_.append(chunk.data(), static_cast<std::size_t>(count));
        for (auto end = commands_.find('\n'); end != std::string::npos;
             end = commands_.find('\n')) {
            process_command(commands_.substr(0, end));
            commands_.erase(0, end + 1);
        }
    }

    void process_command(const std::string& command) {
        if (command == "open") {
            check(::listen(listening_.get(), backlog), "listen");
            const auto opened = now_ns();
            watch(epoll_.get(), listening_.get(), EPOLLIN);
            std::printf("{\"opened_ns\":%lld}\n", static_cast<long long>(opened));
        } else if (command == "report") {
            std::printf(
                "{\"first_login_ns\":%lld,\"last_login_ns\":%lld,\"logins\":%u}\n",
                static_cast<long long>(first_login_),
                static_cast<long long>(last_login_),
                logins_
            );
        } else {
            throw std::runtime_error("unknown command '" + command + "'");
        }
        std::fflush(stdout);
    }

    void accept_all() {
        for (;;) {
            file_descriptor socket(
                ::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)
            );
            if (socket.get() < 0) {
                return;
            }
            const auto descriptor = socket.get();
            send_at_once(descriptor);
            watch(epoll_.get(), descriptor, EPOLLIN);
            connections_.insert_or_assign(descriptor, connection{.socket = std::move(socket)});
        }
    }

    void serve(int descriptor) {
        const auto found = connections_.find(descriptor);
        std::array<char, 4096> chunk{};
        const auto count = ::recv(descriptor, chunk.data(), chunk.size(), 0);
        if (count < 0 && errno == EAGAIN) {
            return;
        }
        if (count <= 0) {
            connections_.erase(found);
            return;
        }
        auto& served = found->second;
        served.received.append(chunk.data(), static_cast<std::size_t>(count));
        while (answer_next(served)) {
        }
    }

    /// False when the next message is not complete yet.
    bool answer_next(connection& served) {
        auto& received = served.received;
        // The first message is length and code; later ones are kind and length.
        const std::size_t kind_size = served.logged_in ? 1 : 0;
        const std::size_t least = served.logged_in ? 5 : 8;
        if (received.size() < least) {
            return false;
        }
        const auto size = kind_size + big_endian(received.data() + kind_size);
        if (received.size() < size) {
            return false;
        }
        if (served.logged_in) {
            if (received.front() == 'Q') {
                say(served, query_answer());
            }
        } else {
            greet(served, big_endian(received.data() + 4));
        }
        received.erase(0, size);
        return true;
    }

    void greet(connection& served, std::uint32_t code) {
        if (code == ssl_request || code == gss_request) {
            say(served, "N");
            return;
        }
        served.logged_in = true;
        say(served, login_answer(++logins_));
        last_login_ = now_ns();
        first_login_ = first_login_ == 0 ? last_login_ : first_login_;
    }

    /// Sends what fits an empty send buffer, so never blocks.
    static void say(const connection& served, std::string_view bytes) {
        [[maybe_unused]] const auto ignored =
            ::send(served.socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }

    file_descriptor epoll_;
    file_descriptor listening_;
    std::unordered_map<int, connection> connections_;
    std::string commands_;
    std::int64_t first_login_ = 0;
    std::int64_t last_login_ = 0;
    std::uint32_t logins_ = 0;
    bool over_ = false;
};

} // namespace
} // namespace wakegate::bench

int main(int argc, char** argv) {
    try {
        if (argc != 2) {
            throw std::runtime_error("usage: bench-fake-server PORT");
        }
        wakegate::bench::fake_server(wakegate::bench::to_number(argv[1], 1, 65535)).run();
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "bench-fake-server: %s\n", problem.what());
        return 1;
    }
    return 0;
}
