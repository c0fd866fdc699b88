#include "proxy/wire/authentication_messages.hpp"

#include "proxy/wire/bytes.hpp"

#include <cassert>

namespace wakegate::wire {

namespace {

constexpr std::size_t length_size = 4;
constexpr std::size_t header_size = 1 + length_size;
constexpr std::uint32_t no_data = 0xffff'ffff; // -1

std::uint32_t size_of(std::string_view bytes) {
    return static_cast<std::uint32_t>(bytes.size());
}

std::string message(char type, std::string_view body) {
    std::string bytes(1, type);
    append_uint32(bytes, static_cast<std::uint32_t>(length_size + body.size()));
    bytes.append(body);
    return bytes;
}

std::string authentication(authentication_kind kind, std::string_view data = {}) {
    std::string body;
    append_uint32(body, static_cast<std::uint32_t>(kind));
    body.append(data);
    return message('R', body);
}

/// Cut at a zero byte, which would end the text for the receiver.
void append_text(std::string& body, std::string_view text) {
    body.append(text.substr(0, text.find('\0')));
    body.push_back('\0');
}

} // namespace

std::string authentication_ok() {
    return authentication(authentication_kind::ok);
}

std::string authentication_sasl(const std::vector<std::string_view>& mechanisms) {
    std::string data;
    for (const auto mechanism : mechanisms) {
        append_text(data, mechanism);
    }
    data.push_back('\0');
    return authentication(authentication_kind::sasl, data);
}

std::string authentication_sasl_continue(std::string_view data) {
    return authentication(authentication_kind::sasl_continue, data);
}

std::string authentication_sasl_final(std::string_view data) {
    return authentication(authentication_kind::sasl_final, data);
}

std::string backend_key_data(std::string_view key) {
    return message('K', key);
}

std::string
sasl_initial_response(std::string_view mechanism, std::optional<std::string_view> data) {
    std::string body;
    append_text(body, mechanism);
    append_uint32(body, data ? size_of(*data) : no_data);
    body.append(data.value_or(std::string_view()));
    return message('p', body);
}

std::string sasl_response(std::string_view data) {
    return message('p', data);
}

std::optional<sasl_initial> parse_sasl_initial(std::string_view body) noexcept {
    const auto end = body.find('\0');
    if (end == std::string_view::npos || body.size() - end - 1 < length_size) {
        return std::nullopt;
    }
    const auto length = load_uint32(body, end + 1);
    const auto data = body.substr(end + 1 + length_size);
    if (length == no_data && data.empty()) {
        return sasl_initial{body.substr(0, end), std::nullopt};
    }
    if (length != data.size()) {
        return std::nullopt;
    }
    return sasl_initial{body.substr(0, end), data};
}

std::optional<authentication_request> parse_authentication(std::string_view body) noexcept {
    if (body.size() < sizeof(std::uint32_t)) {
        return std::nullopt;
    }
    const auto kind = static_cast<authentication_kind>(load_uint32(body));
    return authentication_request{kind, body.substr(sizeof(std::uint32_t))};
}

std::optional<std::vector<std::string_view>> parse_sasl_mechanisms(std::string_view data) {
    std::vector<std::string_view> mechanisms;
    while (true) {
        const auto end = data.find('\0');
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        if (end == 0) {
            break;
        }
        mechanisms.push_back(data.substr(0, end));
        data.remove_prefix(end + 1);
    }
    if (mechanisms.empty() || data.size() != 1) {
        return std::nullopt;
    }
    return mechanisms;
}

bool sasl_message_decoder::has_bad_header() const noexcept {
    if (!bytes_.empty() && bytes_.front() != 'p') {
        return true;
    }
    if (bytes_.size() < header_size) {
        return false;
    }
    const auto length = load_uint32(bytes_, 1);
    return length < length_size || length - length_size > max_sasl_body;
}

std::size_t sasl_message_decoder::wanted() const noexcept {
    if (has_bad_header()) {
        return 0;
    }
    if (bytes_.size() < header_size) {
        return header_size - bytes_.size();
    }
    return 1 + load_uint32(bytes_, 1) - bytes_.size();
}

void sasl_message_decoder::feed(std::string_view data) {
    assert(data.size() <= wanted());
    bytes_.append(data);
}

std::optional<sasl_message_error> sasl_message_decoder::error() const noexcept {
    assert(wanted() == 0);
    if (!has_bad_header()) {
        return std::nullopt;
    }
    if (bytes_.front() != 'p') {
        const auto type = static_cast<unsigned char>(bytes_.front());
        return sasl_message_error{.code = sasl_message_errc::unexpected_type, .type = type};
    }
    return sasl_message_error{.code = sasl_message_errc::invalid_length};
}

std::string sasl_message_decoder::take_body() {
    assert(wanted() == 0 && !has_bad_header());
    auto body = bytes_.substr(header_size);
    bytes_.clear();
    return body;
}

} // namespace wakegate::wire
