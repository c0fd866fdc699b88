#pragma once

#include "proxy/net/async_socket.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace wakegate::proxy {

/// Feeds `decoder` until it wants nothing more, and reads no byte beyond that. False when no more
/// will come: the peer has left or the deadline passed.
template <typename Decoder>
boost::asio::awaitable<bool> read_message(async_socket& from, Decoder& decoder) {
    std::array<char, 1024> chunk{};
    while (decoder.wanted() > 0) {
        const auto room = std::span(chunk).first(std::min(decoder.wanted(), chunk.size()));
        const auto count = co_await from.read_some(room);
        if (count == 0) {
            co_return false;
        }
        const std::string_view received(chunk.data(), count);
        decoder.feed(received);
    }
    co_return true;
}

} // namespace wakegate::proxy
