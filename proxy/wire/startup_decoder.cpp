#include "proxy/wire/startup_decoder.hpp"

#include "proxy/wire/bytes.hpp"

#include <algorithm>
#include <cassert>
#include <optional>

namespace wakegate::wire {

namespace {

// The codes stand where a startup message has its protocol version, with the major version 1234
// (Postgres, src/include/libpq/pqcomm.h).
constexpr std::uint32_t cancel_request_code = 80877102;
constexpr std::uint32_t ssl_request_code = 80877103;
constexpr std::uint32_t gss_request_code = 80877104;

constexpr std::size_t length_size = 4;
constexpr std::size_t prologue_size = 8; // length and code; no first message is shorter
constexpr std::size_t min_key_size = 8;
constexpr std::size_t max_key_size = 260; // process id and a secret of 256 bytes, protocol 3.2
constexpr unsigned char tls_handshake_record = 0x16;

bool is_printable(char byte) {
    return byte >= ' ' && byte <= '~';
}

std::string in_range(std::size_t lowest, std::size_t highest, std::uint32_t length) {
    const auto range = lowest == highest
                           ? std::to_string(lowest)
                           : std::to_string(lowest) + " to " + std::to_string(highest);
    return range + " bytes long, this one says " + std::to_string(length);
}

std::optional<std::string> objection_to_length(std::string_view bytes) {
    const auto length = load_uint32(bytes);
    if (length >= prologue_size && length <= startup_decoder::max_length) {
        return std::nullopt;
    }
    const auto first = bytes.substr(0, length_size);
    if (static_cast<unsigned char>(first.front()) == tls_handshake_record) {
        return "a TLS handshake where a startup message belongs: TLS is not offered here";
    }
    if (std::all_of(first.begin(), first.end(), is_printable)) {
        return "text (\"" + std::string(first) +
               "\") where a startup message belongs: only the PostgreSQL protocol is spoken here";
    }
    return "a startup message is " + in_range(prologue_size, startup_decoder::max_length, length);
}

std::optional<std::string> objection_to_code(std::uint32_t length, std::uint32_t code) {
    if (code == ssl_request_code || code == gss_request_code) {
        if (length == prologue_size) {
            return std::nullopt;
        }
        return "an encryption request is " + in_range(prologue_size, prologue_size, length);
    }
    if (code == cancel_request_code) {
        constexpr auto lowest = prologue_size + min_key_size;
        constexpr auto highest = prologue_size + max_key_size;
        if (length >= lowest && length <= highest) {
            return std::nullopt;
        }
        return "a cancel request is " + in_range(lowest, highest, length);
    }
    const auto major = code >> 16;
    const auto minor = code & 0xffff;
    if (major == 3) {
        return std::nullopt;
    }
    return "frontend protocol " + std::to_string(major) + "." + std::to_string(minor) +
           " is not spoken here, only 3.0 and its successors 3.x are";
}

/// Why a message that begins like this needs no reading on. `bytes` may be any part of it.
std::optional<std::string> objection(std::string_view bytes) {
    if (bytes.size() < length_size) {
        return std::nullopt;
    }
    auto reason = objection_to_length(bytes);
    if (!reason && bytes.size() >= prologue_size) {
        reason = objection_to_code(load_uint32(bytes), load_uint32(bytes, length_size));
    }
    return reason;
}

/// The string that begins `rest`, which loses it and its zero byte; nothing when that is missing.
std::optional<std::string_view> take_string(std::string_view& rest) {
    const auto end = rest.find('\0');
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    const auto text = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return text;
}

opening parse_startup(std::string message) {
    startup_message startup{
        .protocol = load_uint32(message, length_size), .parameters = {}, .raw = {}
    };
    auto rest = std::string_view(message).substr(prologue_size);
    while (true) {
        const auto name = take_string(rest);
        if (!name) {
            return malformed_startup{"the startup message does not end with a zero byte"};
        }
        if (name->empty()) {
            break;
        }
        const auto value = take_string(rest);
        if (!value) {
            return malformed_startup{"the last parameter of the startup message has no value"};
        }
        startup.parameters.emplace_back(*name, *value);
    }
    if (!rest.empty()) {
        return malformed_startup{"the startup message goes on behind its terminating zero byte"};
    }
    if (startup.user().empty()) {
        return malformed_startup{"the startup message names no user"};
    }
    startup.raw = std::move(message);
    return startup;
}

} // namespace

std::string_view startup_message::parameter(std::string_view name) const noexcept {
    const auto found = std::find_if(parameters.rbegin(), parameters.rend(), [&](const auto& entry) {
        return entry.first == name;
    });
    return found == parameters.rend() ? std::string_view() : std::string_view(found->second);
}

std::string_view startup_message::user() const noexcept {
    return parameter("user");
}

std::string_view startup_message::database() const noexcept {
    const auto named = parameter("database");
    return named.empty() ? user() : named;
}

std::size_t startup_decoder::wanted() const noexcept {
    if (objection(bytes_)) {
        return 0;
    }
    const std::size_t size = bytes_.size() < prologue_size ? prologue_size : load_uint32(bytes_);
    return size - bytes_.size();
}

void startup_decoder::feed(std::string_view data) {
    assert(data.size() <= wanted());
    bytes_.append(data);
}

opening startup_decoder::take() {
    assert(wanted() == 0);
    auto message = std::exchange(bytes_, {});
    if (auto reason = objection(message)) {
        return malformed_startup{*std::move(reason)};
    }
    switch (load_uint32(message, length_size)) {
    case ssl_request_code:
        return ssl_request{};
    case gss_request_code:
        return gss_request{};
    case cancel_request_code:
        return cancel_request{message.substr(prologue_size)};
    default:
        return parse_startup(std::move(message));
    }
}

} // namespace wakegate::wire
