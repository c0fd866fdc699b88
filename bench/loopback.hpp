#pragma once

#include "proxy/relay/file_descriptor.hpp"

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/// Shared by both ends of the mass release. Their times are compared, so both read CLOCK_MONOTONIC,
/// which is the same for all processes of a machine.
namespace wakegate::bench {

using proxy::file_descriptor;

inline std::int64_t now_ns() {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

inline int check(int result, const char* operation) {
    if (result < 0) {
        throw std::runtime_error(std::string(operation) + ": " + std::strerror(errno));
    }
    return result;
}

inline int to_number(std::string_view text, int lowest, int highest) {
    int number = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end || number < lowest || number > highest) {
        throw std::runtime_error("'" + std::string(text) + "' is not a number that fits here");
    }
    return number;
}

inline sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

inline file_descriptor tcp_socket(int flags = 0) {
    return file_descriptor(check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0), "socket")
    );
}

inline void send_at_once(int descriptor) {
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

inline void watch(int epoll, int descriptor, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.fd = descriptor}};
    check(::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
}

inline std::uint32_t big_endian(const char* bytes) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return ntohl(value);
}

inline void append_big_endian(std::string& bytes, std::uint32_t value) {
    value = htonl(value);
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

inline std::string message(char kind, std::string_view body) {
    std::string bytes(1, kind);
    append_big_endian(bytes, static_cast<std::uint32_t>(body.size() + 4));
    return bytes.append(body);
}

} // namespace wakegate::bench
