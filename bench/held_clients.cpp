/// Many clients at once, each of which logs in and, with `query`, runs one query; records when each
/// was served.
///
///     bench-held-clients PORT COUNT login|query
///
/// Prints "waiting" when every client has sent all it can: its startup message, or the query after
/// a login that a pooler answers itself. Then one line, times in nanoseconds of CLOCK_MONOTONIC:
/// {"began_ns":…,"first_ns":…,"median_ns":…,"last_ns":…,"served":…}. A client that is closed or
/// gets an ErrorResponse is not served. All connections stay open until standard input ends. One
/// thread.
#include "bench/loopback.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <string>
#include <unordered_map>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace wakegate::bench {
namespace {

/// How many clients connect between two polls for answers: the most logins under way.
constexpr int burst = 64;

enum class wanted { login, query };

struct client {
    file_descriptor socket;
    std::string received;
    bool query_sent = false; ///< the query is on its way
    bool over = false;       ///< served or failed
};

std::string startup_message() {
    using namespace std::string_view_literals;
    std::string body;
    append_big_endian(body, 3U << 16U); // protocol 3.0
    body += "user\0bench\0database\0app\0\0"sv;
    std::string bytes;
    append_big_endian(bytes, static_cast<std::uint32_t>(body.size() + 4));
    return bytes.append(body);
}

class held_clients {
public:
    held_clients(int port, int count, wanted until)
        : epoll_(check(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
          port_(port),
          count_(static_cast<std::size_t>(count)),
          until_(until) {}

    void run() {
        began_ = now_ns();
        const auto startup = startup_message();
        for (std::size_t i = 1; i <= count_; ++i) {
            connect(startup);
            if (i % burst == 0) {
                look(0);
            }
        }
        tell_if_all_wait();
        while (served_.size() + failed_ < count_) {
            look(-1);
        }
        report();
    }

private:
    void connect(const std::string& startup) {
        auto socket = tcp_socket();
        const auto descriptor = socket.get();
        const auto address = loopback(port_);
        check(
            ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address),
            "connect"
        );
        send_at_once(descriptor);
        // Closes by reset: thousands of addresses in TIME_WAIT would slow down the next run.
        const linger reset{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        say(descriptor, startup);
        check(::fcntl(descriptor, F_SETFL, O_NONBLOCK), "fcntl");
        clients_.insert_or_assign(descriptor, client{.socket = std::move(socket)});
        watch(epoll_.get(), descriptor, EPOLLIN);
    }

    void look(int limit_ms) {
        std::array<epoll_event, 256> events{};
        const auto count = ::epoll_wait(epoll_.get(), events.data(), events.size(), limit_ms);
        for (int i = 0; i < count; ++i) {
            hear(clients_.at(events.at(static_cast<std::size_t>(i)).data.fd));
        }
    }

    void hear(client& waiter) {
        std::array<char, 4096> chunk{};
        const auto descriptor = waiter.socket.get();
        const auto count = ::recv(descriptor, chunk.data(), chunk.size(), 0);
        if (count < 0 && errno == EAGAIN) {
            return;
        }
        if (count <= 0) {
            fail(waiter);
            return;
        }
        waiter.received.append(chunk.data(), static_cast<std::size_t>(count));
        for (auto kind = take_message(waiter); kind != 0; kind = take_message(waiter)) {
            if (kind == 'E') {
                fail(waiter);
                return;
            }
            if (kind == 'Z') {
                may_go_on(waiter);
            }
        }
    }

    /// The next message's kind, 0 when it is not complete.
    static char take_message(client& waiter) {
        auto& received = waiter.received;
        const auto size = received.size() < 5 ? 0 : 1 + big_endian(received.data() + 1);
        if (size == 0 || received.size() < size) {
            return 0;
        }
        const char kind = received.front();
        received.erase(0, size);
        return kind;
    }

    void may_go_on(client& waiter) {
        if (until_ == wanted::query && !waiter.query_sent) {
            using namespace std::string_view_literals;
            waiter.query_sent = true;
            ++queries_;
            say(waiter.socket.get(), message('Q', "SELECT 1\0"sv));
            tell_if_all_wait();
        } else if (!waiter.over) {
            waiter.over = true;
            served_.push_back(now_ns());
        }
    }

    void fail(client& waiter) {
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, waiter.socket.get(), nullptr);
        failed_ += waiter.over ? 0 : 1;
        waiter.over = true;
    }

    void tell_if_all_wait() {
        const bool all_queried = until_ == wanted::login || queries_ == count_;
        if (clients_.size() == count_ && all_queried && !all_wait_) {
            all_wait_ = true;
            std::puts("waiting");
            std::fflush(stdout);
        }
    }

    void report() const {
        const auto at = [this](std::size_t place) {
            return served_.empty() ? 0LL : static_cast<long long>(served_.at(place));
        };
        const auto last = std::max<std::size_t>(served_.size(), 1) - 1;
        std::printf(
            R"({"began_ns":%lld,"first_ns":%lld,"median_ns":%lld,"last_ns":%lld,"served":%zu})"
            "\n",
            static_cast<long long>(began_),
            at(0),
            at(last / 2),
            at(last),
            served_.size()
        );
        std::fflush(stdout);
        char ignored = 0;
        while (::read(STDIN_FILENO, &ignored, 1) > 0) {
        }
    }

    static void say(int descriptor, std::string_view bytes) {
        check(
            static_cast<int>(::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL)), "send"
        );
    }

    file_descriptor epoll_;
    int port_;
    std::size_t count_;
    wanted until_;
    std::unordered_map<int, client> clients_;
    std::vector<std::int64_t> served_; ///< in order of time
    std::int64_t began_ = 0;
    std::size_t queries_ = 0;
    std::size_t failed_ = 0;
    bool all_wait_ = false;
};

} // namespace
} // namespace wakegate::bench

int main(int argc, char** argv) {
    using namespace wakegate::bench;
    try {
        const std::string_view goal = argc == 4 ? argv[3] : "";
        if (goal != "login" && goal != "query") {
            throw std::runtime_error("usage: bench-held-clients PORT COUNT login|query");
        }
        const auto until = goal == "login" ? wanted::login : wanted::query;
        held_clients(to_number(argv[1], 1, 65535), to_number(argv[2], 1, 100'000), until).run();
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "bench-held-clients: %s\n", problem.what());
        return 1;
    }
    return 0;
}
