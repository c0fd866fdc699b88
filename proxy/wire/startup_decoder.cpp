#include "proxy/wire/startup_decoder.hpp"

#include "proxy/wire/bytes.hpp"
#include "proxy/wire/postgres_name.hpp"

#include <boost/system/result.hpp>

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

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
constexpr std::string_view terminate_prefix("X\0\0\0", length_size); // of "X" and its length, 4
constexpr std::uint32_t spoken_major = 3;

bool is_printable(char byte) {
    return byte >= ' ' && byte <= '~';
}

std::string in_range(std::size_t lowest, std::size_t highest, std::uint32_t length) {
    const auto range = lowest == highest
                           ? std::to_string(lowest)
                           : std::to_string(lowest) + " to " + std::to_string(highest);
    return range + " bytes long, this one says " + std::to_string(length);
}

using check_result = boost::system::result<void, malformed_startup>;

check_result check_length(std::string_view bytes) {
    const auto length = load_uint32(bytes);
    if (length >= prologue_size && length <= startup_decoder::max_length) {
        return {};
    }
    const auto first = bytes.substr(0, length_size);
    if (static_cast<unsigned char>(first.front()) == tls_handshake_record) {
        return malformed_startup{
            "a TLS handshake where a startup message belongs: TLS is not offered here"
        };
    }
    if (first == terminate_prefix) {
        return malformed_startup{"a Terminate message where a startup message belongs"};
    }
    if (std::all_of(first.begin(), first.end(), is_printable)) {
        return malformed_startup{
            "text (\"" + std::string(first) +
            "\") where a startup message belongs: only the PostgreSQL protocol is spoken here"
        };
    }
    return malformed_startup{
        "a startup message is " + in_range(prologue_size, startup_decoder::max_length, length)
    };
}

check_result check_cancel_request(std::uint32_t length) {
    constexpr auto lowest = prologue_size + min_key_size;
    constexpr auto highest = prologue_size + max_key_size;
    if (length >= lowest && length <= highest) {
        return {};
    }
    return malformed_startup{"a cancel request is " + in_range(lowest, highest, length)};
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

startup_packet parse_startup(std::string message) {
    startup_message startup{
        .protocol = load_uint32(message, length_size), .parameters = {}, .raw = {}
    };
    const auto rejected = [&startup](startup_error error) {
        return rejected_startup{.error = error, .protocol = startup.protocol};
    };
    auto rest = std::string_view(message).substr(prologue_size);
    for (;;) {
        const auto name = take_string(rest);
        if (!name) {
            return rejected(startup_error::invalid_layout);
        }
        if (name->empty()) {
            break;
        }
        const auto value = take_string(rest);
        if (!value) {
            return rejected(startup_error::invalid_layout);
        }
        startup.parameters.emplace_back(*name, *value);
    }
    if (!rest.empty()) {
        return rejected(startup_error::invalid_layout);
    }
    if (startup.user().empty()) {
        return rejected(startup_error::no_user);
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
    return truncate_name(parameter("user"));
}

std::string_view startup_message::database() const noexcept {
    const auto named = parameter("database");
    return named.empty() ? user() : truncate_name(named);
}

void startup_decoder::end_encryption_requests() noexcept {
    takes_ssl_request_ = false;
    takes_gss_request_ = false;
}

std::size_t startup_decoder::wanted() const noexcept {
    if (early_end()) {
        return 0;
    }
    const std::size_t size = bytes_.size() < prologue_size ? prologue_size : load_uint32(bytes_);
    return size - bytes_.size();
}

void startup_decoder::feed(std::string_view data) {
    assert(data.size() <= wanted());
    bytes_.append(data);
}

startup_packet startup_decoder::take() {
    assert(wanted() == 0);
    auto ended = early_end();
    auto message = std::exchange(bytes_, {});
    if (ended) {
        return *std::move(ended);
    }
    switch (load_uint32(message, length_size)) {
    case ssl_request_code:
        takes_ssl_request_ = false;
        return ssl_request{};
    case gss_request_code:
        takes_gss_request_ = false;
        return gss_request{};
    case cancel_request_code:
        return cancel_request{message.substr(prologue_size)};
    default:
        return parse_startup(std::move(message));
    }
}

std::optional<startup_packet> startup_decoder::early_end() const {
    if (bytes_.size() < length_size) {
        return std::nullopt;
    }
    if (auto checked = check_length(bytes_); !checked) {
        return std::move(checked).error();
    }
    if (bytes_.size() < prologue_size) {
        return std::nullopt;
    }
    const auto code = load_uint32(bytes_, length_size);
    if (code == cancel_request_code) {
        auto checked = check_cancel_request(load_uint32(bytes_));
        return checked ? std::nullopt : std::optional<startup_packet>(std::move(checked).error());
    }
    if (is_encryption_request(code) || code >> 16 == spoken_major) {
        return std::nullopt;
    }
    return rejected_startup{.error = startup_error::unsupported_protocol, .protocol = code};
}

bool startup_decoder::is_encryption_request(std::uint32_t code) const noexcept {
    return (code == ssl_request_code && takes_ssl_request_) ||
           (code == gss_request_code && takes_gss_request_);
}

} // namespace wakegate::wire
