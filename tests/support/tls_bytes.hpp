#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Bytes as TLS clients write them (RFC 8446, 4.1.2 and 5.1).
namespace wakegate::support {

/// `value` in network order, in `size` bytes.
inline std::string number(std::size_t value, std::size_t size) {
    std::string bytes;
    for (auto left = size; left-- > 0;) {
        bytes.push_back(static_cast<char>(value >> (8 * left) & 0xff));
    }
    return bytes;
}

/// A vector whose length takes `size` bytes.
inline std::string vector_of(std::string_view content, std::size_t size) {
    return number(content.size(), size) + std::string(content);
}

inline std::string extension(std::uint16_t type, std::string_view content) {
    return number(type, 2) + vector_of(content, 2);
}

inline std::string server_name(std::string_view name) {
    return extension(0, vector_of('\0' + vector_of(name, 2), 2));
}

inline std::string alpn(const std::vector<std::string>& protocols) {
    std::string list;
    for (const auto& protocol : protocols) {
        list += vector_of(protocol, 1);
    }
    return extension(16, vector_of(list, 2));
}

/// A ClientHello's fields before the extensions: version 1.2, a random, no session id, two ciphers,
/// no compression.
inline std::string hello_prologue() {
    return "\3\3" + std::string(32, 'r') + vector_of("", 1) + vector_of("\x13\1\x13\2", 2) +
           vector_of(std::string(1, '\0'), 1);
}

inline std::string handshake(unsigned char type, std::string_view body) {
    return static_cast<char>(type) + vector_of(body, 3);
}

inline std::string client_hello(std::string_view extensions) {
    return handshake(1, hello_prologue() + vector_of(extensions, 2));
}

inline std::string record(std::string_view fragment) {
    return "\x16\3\1" + vector_of(fragment, 2);
}

/// `message` in records of at most `size` bytes each.
inline std::string records(std::string_view message, std::size_t size) {
    std::string bytes;
    for (std::size_t at = 0; at < message.size(); at += size) {
        bytes += record(message.substr(at, size));
    }
    return bytes;
}

} // namespace wakegate::support
