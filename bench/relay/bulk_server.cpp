/// A Postgres stand-in that generates and discards bytes as fast as they can be moved, so that the
/// proxy in front of it is the bottleneck.
///
///     bench-bulk-server PORT
///
/// Simple queries: `out BYTES` is a COPY TO STDOUT of so many bytes in rows of 1 KiB, `in` a COPY
/// FROM STDIN, `rows COUNT` a result of small rows. An extended query is answered with one row. A
/// thread for each connection; ends by a signal.
#include "bench/loopback.hpp"
#include "proxy/wire/frame_walker.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <thread>

namespace wakegate::bench {
namespace {

using namespace std::string_view_literals;

constexpr int backlog = 128;
constexpr std::size_t chunk_size = 1024 * 1024;
constexpr std::uint32_t startup_v3 = 3U << 16U;
constexpr std::string_view ready("Z\0\0\0\5I", 6);

const std::string copy_row = message('d', std::string(1019, 'x')); // 1 KiB with its header
const std::string small_row = message(
    'D',
    "\0\1\0\0\0\7"
    "1234567"sv
);

/// As many whole `row`s as fit into a chunk.
std::string filled_with(const std::string& row) {
    std::string bytes;
    while (bytes.size() + row.size() <= chunk_size) {
        bytes += row;
    }
    return bytes;
}

class connection {
public:
    explicit connection(file_descriptor socket)
        : socket_(std::move(socket)), buffer_(chunk_size, '\0') {}

    void run() {
        if (!greet()) {
            return;
        }
        for (auto data = receive(); !data.empty() && !over_; data = receive()) {
            if (!frames_.walk(data, *this)) {
                return;
            }
        }
    }

    std::uint16_t begin(char type, std::uint32_t body_size) {
        switch (type) {
        case 'Q':
            return static_cast<std::uint16_t>(std::min<std::uint32_t>(body_size, 64));
        case 'P':
            say(message('1', ""));
            break;
        case 'B':
            say(message('2', ""));
            break;
        case 'E':
            say(small_row + message('C', "SELECT 1\0"sv));
            break;
        case 'c':
            say(message('C', "COPY 1\0"sv));
            say(ready);
            break;
        case 'S':
            say(ready);
            break;
        case 'X':
            over_ = true;
            break;
        default:
            break;
        }
        if (type == 'S' || type == 'c') {
            flush();
        }
        return 0;
    }

    static bool may_skip_repeats(char type) { return type == 'd'; }

    void prefix(char, std::string_view piece, bool last_piece) {
        query_ += piece;
        if (last_piece) {
            answer(query_.substr(0, query_.find('\0')));
            query_.clear();
        }
    }

private:
    /// Refuses encryption and admits every client.
    bool greet() {
        std::string received;
        for (;;) {
            const auto data = receive();
            received += data;
            if (data.empty()) {
                return false;
            }
            if (received.size() < 8 || received.size() < big_endian(received.data())) {
                continue;
            }
            const auto code = big_endian(received.data() + 4);
            if (code >= startup_v3 && code < startup_v3 + 0x10000) {
                break;
            }
            received.clear();
            send_all("N");
        }
        say(message('R', "\0\0\0\0"sv));
        say(message('S', "server_version\00015.0\0"sv));
        say(message('S', "client_encoding\0UTF8\0"sv));
        say(message('K', "\0\0\0\1\0\0\0\1"sv));
        say(ready);
        flush();
        return true;
    }

    void answer(std::string_view query) {
        const auto space = std::min(query.find(' '), query.size());
        const auto verb = query.substr(0, space);
        const auto size = std::strtoull(std::string(query.substr(space)).c_str(), nullptr, 10);
        if (verb == "in") {
            say(message('G', "\0\0\0"sv));
        } else if (verb == "out") {
            static const auto chunk = filled_with(copy_row);
            say(message('H', "\0\0\0"sv));
            flush();
            repeat(chunk, (size + copy_row.size() - 1) / copy_row.size() * copy_row.size());
            say(message('c', ""));
            say(message('C', "COPY 1\0"sv));
            say(ready);
        } else if (verb == "rows") {
            static const auto chunk = filled_with(small_row);
            say(message('T', "\0\1n\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0"sv));
            flush();
            repeat(chunk, size * small_row.size());
            say(message('C', "SELECT 1\0"sv));
            say(ready);
        } else {
            say(small_row + message('C', "SELECT 1\0"sv));
            say(ready);
        }
        flush();
    }

    void repeat(std::string_view chunk, std::uint64_t size) {
        while (size > 0 && !over_) {
            const auto piece = std::min<std::uint64_t>(size, chunk.size());
            send_all(chunk.substr(0, piece));
            size -= piece;
        }
    }

    void say(std::string_view bytes) { pending_ += bytes; }

    void flush() {
        send_all(pending_);
        pending_.clear();
    }

    void send_all(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0) {
                over_ = true;
                return;
            }
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    std::string_view receive() {
        const auto count = ::recv(socket_.get(), buffer_.data(), buffer_.size(), 0);
        return {buffer_.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
    }

    file_descriptor socket_;
    std::string buffer_;
    std::string pending_;
    std::string query_;
    wire::frame_walker frames_;
    bool over_ = false;
};

[[noreturn]] void serve(int port) {
    const auto listening = tcp_socket();
    const int on = 1;
    ::setsockopt(listening.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const auto address = loopback(port);
    check(
        ::bind(listening.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind"
    );
    check(::listen(listening.get(), backlog), "listen");
    for (;;) {
        file_descriptor socket(
            check(::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept4")
        );
        send_at_once(socket.get());
        std::thread([served = std::move(socket)]() mutable { connection(std::move(served)).run(); }
        ).detach();
    }
}

} // namespace
} // namespace wakegate::bench

int main(int argc, char** argv) {
    using namespace wakegate::bench;
    try {
        if (argc != 2) {
            throw std::runtime_error("usage: bench-bulk-server PORT");
        }
        serve(to_number(argv[1], 1, 65535));
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "bench-bulk-server: %s\n", problem.what());
        return 1;
    }
}
