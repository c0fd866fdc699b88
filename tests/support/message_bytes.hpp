#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Bytes of Postgres clients and servers, named as the protocol names the messages.
namespace wakegate::support {

inline std::string int32(std::uint32_t value) {
    std::string bytes;
    for (const int shift : {24, 16, 8, 0}) {
        bytes.push_back(static_cast<char>(value >> shift & 0xff));
    }
    return bytes;
}

inline std::string text(std::string_view value) {
    return std::string(value) + '\0';
}

inline std::string frame(char type, std::string_view body = {}) {
    return type + int32(static_cast<std::uint32_t>(4 + body.size())) + std::string(body);
}

// The first message of a connection: no type byte.

inline std::string untyped(std::string_view body) {
    return int32(static_cast<std::uint32_t>(4 + body.size())) + std::string(body);
}

using parameters = std::vector<std::pair<std::string, std::string>>;

inline std::string startup(const parameters& values, std::uint32_t protocol = 0x0003'0000) {
    auto body = int32(protocol);
    for (const auto& [name, value] : values) {
        body += text(name) + text(value);
    }
    return untyped(body + '\0');
}

inline std::string ssl_request() {
    return untyped(int32(80877103));
}

inline std::string gss_request() {
    return untyped(int32(80877104));
}

inline std::string cancel_request(std::string_view key) {
    return untyped(int32(80877102) + std::string(key));
}

// What a client sends.

inline std::string query(std::string_view sql) {
    return frame('Q', text(sql));
}

inline std::string parse(std::string_view sql) {
    return frame('P', text("") + text(sql) + std::string(2, '\0'));
}

inline std::string bind() {
    return frame('B', std::string(8, '\0'));
}

inline std::string execute() {
    return frame('E', text("") + int32(0));
}

inline std::string sync() {
    return frame('S');
}

inline std::string flush() {
    return frame('H');
}

inline std::string copy_data(std::string_view data) {
    return frame('d', data);
}

inline std::string copy_done() {
    return frame('c');
}

inline std::string copy_fail(std::string_view reason) {
    return frame('f', text(reason));
}

inline std::string function_call() {
    return frame('F', int32(1598) + std::string(6, '\0'));
}

inline std::string terminate() {
    return frame('X');
}

// What a server sends.

inline std::string authentication(std::uint32_t kind, std::string_view rest = {}) {
    return frame('R', int32(kind) + std::string(rest));
}

inline std::string authentication_ok() {
    return authentication(0);
}

inline std::string parameter_status(std::string_view name, std::string_view value) {
    return frame('S', text(name) + text(value));
}

inline std::string backend_key_data(std::string_view key) {
    return frame('K', key);
}

inline std::string ready_for_query(char status) {
    return frame('Z', std::string(1, status));
}

inline std::string command_complete(std::string_view tag) {
    return frame('C', text(tag));
}

inline std::string data_row(std::string_view value) {
    const auto size = int32(static_cast<std::uint32_t>(value.size()));
    return frame('D', std::string("\0\1", 2) + size + std::string(value));
}

inline std::string error_body(std::string_view severity, std::string_view sqlstate) {
    return text("S" + std::string(severity)) + text("V" + std::string(severity)) +
           text("C" + std::string(sqlstate)) + text("Mthe reason") + '\0';
}

inline std::string error(std::string_view severity, std::string_view sqlstate) {
    return frame('E', error_body(severity, sqlstate));
}

inline std::string notice() {
    return frame('N', error_body("NOTICE", "00000"));
}

inline std::string notification() {
    return frame('A', int32(4711) + text("channel") + text("payload"));
}

inline std::string copy_in_response() {
    return frame('G', std::string(3, '\0'));
}

inline std::string copy_out_response() {
    return frame('H', std::string(3, '\0'));
}

inline std::string copy_both_response() {
    return frame('W', std::string(3, '\0'));
}

} // namespace wakegate::support
