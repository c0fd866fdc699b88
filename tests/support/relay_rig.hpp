#pragma once

#include "proxy/relay/relay_loop.hpp"
#include "proxy/wire/messages.hpp"
#include "tests/support/message_bytes.hpp"

#include <array>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/// A relay between two TCP connections; the test holds both far ends.
namespace wakegate::support {

using proxy::file_descriptor;

/// Longest wait; only failing tests reach it.
inline constexpr auto patience = std::chrono::seconds(60);

/// Two ends of one loopback TCP connection.
inline std::pair<file_descriptor, file_descriptor> connected_pair() {
    const file_descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const name = reinterpret_cast<sockaddr*>(&address);
    file_descriptor left(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(listener.get(), name, size) != 0 || ::listen(listener.get(), 1) != 0 ||
        ::getsockname(listener.get(), name, &size) != 0 || ::connect(left.get(), name, size) != 0) {
        throw std::runtime_error("no loopback connection");
    }
    file_descriptor right(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    return {std::move(left), std::move(right)};
}

/// The relay's calls of the session's owner, in order.
class recorded_events {
public:
    void add(std::string event) {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
        changed_.notify_all();
    }

    [[nodiscard]] std::vector<std::string> all() const {
        const std::lock_guard lock(mutex_);
        return events_;
    }

    /// Waits until `event` is the last one.
    [[nodiscard]] bool reach(std::string_view event) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [&] {
            return !events_.empty() && events_.back() == event;
        });
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> events_;
};

/// As the proxy's own sessions make them; client_error_test has their texts.
inline std::string final_message_for(const proxy::relay_error& error) {
    const auto fatal = [](std::string_view sqlstate, std::string_view message) {
        return wire::error_response({.sqlstate = sqlstate, .message = message});
    };
    switch (error.code) {
    case proxy::relay_errc::draining:
        return fatal("57P01", "the gate is shutting down; connect again");
    case proxy::relay_errc::login_timeout:
        return fatal("57014", "canceling authentication due to timeout");
    case proxy::relay_errc::server_lost:
        break;
    }
    if (error.system_error == 0) {
        return fatal("08006", "the server closed the connection unexpectedly");
    }
    const auto cause = std::generic_category().message(error.system_error);
    return fatal("08006", "the connection to the server was lost: " + cause);
}

class recording_owner final : public proxy::relay_owner {
public:
    explicit recording_owner(std::shared_ptr<recorded_events> events)
        : events_(std::move(events)) {}

    void logged_in(std::string server_key, time_point) noexcept override {
        events_->add("logged_in " + server_key);
    }

    void login_timed_out() noexcept override { events_->add("login timed out"); }

    void busy_changed(bool busy, time_point) noexcept override {
        events_->add(busy ? "busy" : "idle");
    }

    void listening_changed(bool listening, time_point) noexcept override {
        events_->add(listening ? "listening" : "not listening");
    }

    [[nodiscard]] proxy::server_group group() const noexcept override { return events_.get(); }

    void server_ended() noexcept override { events_->add("server ended"); }

    [[nodiscard]] std::string final_message(const proxy::relay_error& error) const override {
        return final_message_for(error);
    }

    void ended() noexcept override { events_->add("ended"); }

private:
    std::shared_ptr<recorded_events> events_;
};

/// One far end, as a blocking peer.
class far_end {
public:
    explicit far_end(file_descriptor socket) : socket_(std::move(socket)) {}

    void send_all(std::string_view data) const {
        while (!data.empty()) {
            const auto count = ::send(socket_.get(), data.data(), data.size(), MSG_NOSIGNAL);
            if (count < 0) {
                throw std::runtime_error("the relay hung up");
            }
            data.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    /// Sends `data` repeatedly until nothing more fits or `most` bytes are sent; returns how many
    /// bytes were.
    [[nodiscard]] std::size_t send_until_blocked(std::string_view data, std::size_t most) const {
        ::fcntl(socket_.get(), F_SETFL, O_NONBLOCK);
        std::size_t total = 0;
        for (int refused = 0; refused < 50 && total < most;) {
            const auto count = ::send(socket_.get(), data.data(), data.size(), MSG_NOSIGNAL);
            if (count > 0) {
                total += static_cast<std::size_t>(count);
                refused = 0;
                continue;
            }
            ++refused;
            pollfd room{.fd = socket_.get(), .events = POLLOUT, .revents = 0};
            ::poll(&room, 1, 10);
        }
        return total;
    }

    /// Exactly `size` bytes, or fewer when the stream ends or stays silent.
    [[nodiscard]] std::string receive(std::size_t size) const {
        std::string bytes;
        std::array<char, 65536> chunk{};
        while (bytes.size() < size && readable()) {
            const auto room = std::min(chunk.size(), size - bytes.size());
            const auto count = ::recv(socket_.get(), chunk.data(), room, 0);
            if (count <= 0) {
                break;
            }
            bytes.append(chunk.data(), static_cast<std::size_t>(count));
        }
        return bytes;
    }

    /// Everything up to the end of the stream.
    [[nodiscard]] std::string receive_all() const { return receive(std::string::npos); }

    void shutdown_send() const { ::shutdown(socket_.get(), SHUT_WR); }

    /// Closes with a reset instead of an orderly end.
    void reset() {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        hang_up();
    }

    void hang_up() { const auto closed = std::move(socket_); }

    [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }

private:
    [[nodiscard]] bool readable() const {
        pollfd wanted{.fd = socket_.get(), .events = POLLIN, .revents = 0};
        const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(patience);
        return ::poll(&wanted, 1, static_cast<int>(limit.count())) == 1;
    }

    file_descriptor socket_;
};

struct relay_peers {
    far_end client;
    far_end server;
    std::shared_ptr<recorded_events> events = std::make_shared<recorded_events>();
};

/// Puts a new session into the relay. `server_output`: as if it came from the dial.
inline relay_peers relay_session(
    proxy::relay_loop& loop,
    std::string server_output = {},
    bool tls_passthrough = false,
    std::optional<duration> authentication_timeout = {}
) {
    auto [client, near_client] = connected_pair();
    auto [server, near_server] = connected_pair();
    for (const auto* end : {&near_client, &near_server}) {
        const int yes = 1;
        ::setsockopt(end->get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }
    relay_peers peers{.client = far_end(std::move(client)), .server = far_end(std::move(server))};
    loop.add_session({
        .client = std::move(near_client),
        .server = std::move(near_server),
        .server_output = std::move(server_output),
        .tls_passthrough = tls_passthrough,
        .authentication_timeout = authentication_timeout,
        .owner = std::make_unique<recording_owner>(peers.events),
    });
    return peers;
}

inline const std::string& login_answer() {
    static const std::string answer =
        authentication_ok() + backend_key_data("pid.key.") + ready_for_query('I');
    return answer;
}

/// A session whose login is over.
inline relay_peers relay_logged_in(proxy::relay_loop& loop) {
    auto session = relay_session(loop, login_answer());
    if (session.client.receive(login_answer().size()) != login_answer()) {
        throw std::runtime_error("the login did not pass");
    }
    return session;
}

} // namespace wakegate::support
