#pragma once

#include "common/no_throw.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <utility>

/// Both ends of a connection in one io_context and one thread: each side's waits are served by the
/// same loop.
namespace wakegate::support {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

struct connected_pair {
    explicit connected_pair(asio::io_context& context) : near(context), far(context) {
        tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        near.connect(acceptor.local_endpoint());
        acceptor.accept(far);
        near.set_option(tcp::no_delay(true));
        far.set_option(tcp::no_delay(true));
    }

    tcp::socket near;
    tcp::socket far;
};

template <typename Result>
asio::awaitable<void> keep_result(asio::awaitable<Result> work, std::optional<Result>& kept) {
    auto result = co_await std::move(work);
    kept.emplace(std::move(result));
}

/// Runs the context until `work` is done; leaves its other work unfinished.
inline void run(asio::io_context& context, asio::awaitable<void> work) {
    std::exception_ptr failed;
    asio::co_spawn(context, std::move(work), [&](std::exception_ptr failure) {
        failed = std::move(failure);
        context.stop();
    });
    context.restart();
    context.run();
    if (failed) {
        std::rethrow_exception(failed);
    }
}

template <typename Result> Result run(asio::io_context& context, asio::awaitable<Result> work) {
    std::optional<Result> kept;
    run(context, keep_result(std::move(work), kept));
    return *std::move(kept);
}

/// False when the other end has hung up.
inline asio::awaitable<bool> send_all(tcp::socket& socket, const std::string& bytes) {
    const auto buffer = asio::buffer(bytes);
    const auto [error, count] = co_await asio::async_write(socket, buffer, no_throw);
    co_return !error;
}

inline asio::awaitable<void> send_byte_by_byte(tcp::socket& socket, const std::string& bytes) {
    for (const char byte : bytes) {
        const auto buffer = asio::buffer(&byte, 1);
        co_await asio::async_write(socket, buffer, no_throw);
    }
}

/// Fewer than `size` only if the other end has hung up.
inline asio::awaitable<std::string> receive(tcp::socket& socket, std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t total = 0;
    while (total < size) {
        const auto room = asio::buffer(bytes.data() + total, size - total);
        const auto [error, count] = co_await socket.async_read_some(room, no_throw);
        if (error) {
            break;
        }
        total += count;
    }
    bytes.resize(total);
    co_return bytes;
}

inline asio::awaitable<std::string> receive_to_end(tcp::socket& socket) {
    std::string bytes;
    for (;;) {
        auto byte = co_await receive(socket, 1);
        if (byte.empty()) {
            co_return bytes;
        }
        bytes += byte;
    }
}

} // namespace wakegate::support
