#include "proxy/wire/client_hello.hpp"

#include "proxy/wire/bytes.hpp"

#include <boost/system/result.hpp>

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

namespace wakegate::wire {

namespace {

constexpr std::size_t record_header_size = 5;    // type, version, length (RFC 8446, 5.1)
constexpr std::size_t max_record = 16 * 1024;    // 2^14, RFC 8446, 5.1
constexpr std::size_t handshake_header_size = 4; // type, 24 bits of length
constexpr unsigned char handshake_record = 0x16;
constexpr unsigned char client_hello_type = 1;
constexpr unsigned char tls_major = 3; // SSL 3.0 and every TLS
constexpr std::uint16_t server_name_extension = 0;
constexpr std::uint16_t alpn_extension = 16;
constexpr std::size_t random_size = 32;
constexpr std::size_t max_session_id = 32;
constexpr std::size_t max_host_name = 255;
constexpr std::size_t max_label = 63;
constexpr std::size_t max_protocols = 64; // clients offer two or three; this bounds memory

unsigned char byte_at(std::string_view bytes, std::size_t at) noexcept {
    return static_cast<unsigned char>(bytes[at]);
}

/// Takes parts off the front of a message, as the presentation language of RFC 8446 (3) has them.
/// A part that is cut off makes it `bad` for good, and is returned empty.
class part_reader {
public:
    explicit part_reader(std::string_view bytes) : rest_(bytes) {}

    std::string_view take(std::size_t size) noexcept {
        if (size > rest_.size()) {
            bad_ = true;
            return {};
        }
        const auto part = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return part;
    }

    std::size_t take_number(std::size_t size) noexcept {
        std::size_t number = 0;
        for (const char byte : take(size)) {
            number = number << 8 | static_cast<unsigned char>(byte);
        }
        return number;
    }

    /// A vector: its length in `size` bytes, then its content.
    std::string_view take_vector(std::size_t size) noexcept { return take(take_number(size)); }

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

    [[nodiscard]] bool bad() const noexcept { return bad_; }

private:
    std::string_view rest_;
    bool bad_ = false;
};

bool is_host_character(char byte) noexcept {
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
           byte == '_';
}

malformed_client_hello too_long() {
    return {
        "a ClientHello of more than " + std::to_string(client_hello_decoder::max_length) + " bytes"
    };
}

/// The name in lower case without a last dot, or nothing when it is none. Some contain '_'.
std::optional<std::string> host_name(std::string_view text) {
    if (text.size() > max_host_name) {
        return std::nullopt;
    }
    std::string name(text.ends_with('.') ? text.substr(0, text.size() - 1) : text);
    std::size_t label = 0;
    for (auto& byte : name) {
        byte = byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
        if (byte == '.' ? label == 0 : !is_host_character(byte) || label == max_label) {
            return std::nullopt;
        }
        label = byte == '.' ? 0 : label + 1;
    }
    return label == 0 ? std::nullopt : std::optional(std::move(name));
}

/// ServerNameList, RFC 6066, 3: one host_name (type 0), and nothing else has ever been defined.
std::optional<std::string> server_name_in(std::string_view extension) {
    part_reader whole(extension);
    const auto list = whole.take_vector(2);
    part_reader names(list);
    const auto type = names.take_number(1);
    const auto name = names.take_vector(2);
    if (whole.bad() || !whole.at_end() || names.bad() || !names.at_end() || type != 0) {
        return std::nullopt;
    }
    return host_name(name);
}

/// ProtocolNameList, RFC 7301, 3.1: at least one name, none of them empty.
std::optional<std::vector<std::string>> protocols_in(std::string_view extension) {
    part_reader whole(extension);
    part_reader names(whole.take_vector(2));
    std::vector<std::string> protocols;
    while (!names.bad() && !names.at_end()) {
        protocols.emplace_back(names.take_vector(1));
        if (protocols.back().empty() || protocols.size() > max_protocols) {
            return std::nullopt;
        }
    }
    const bool is_list = !whole.bad() && whole.at_end() && !names.bad() && !protocols.empty();
    return is_list ? std::optional(std::move(protocols)) : std::nullopt;
}

boost::system::result<void, malformed_client_hello>
read_extensions(std::string_view extensions, client_hello& found) {
    part_reader rest(extensions);
    std::vector<std::size_t> seen;
    while (!rest.at_end()) {
        const auto type = rest.take_number(2);
        const auto content = rest.take_vector(2);
        if (rest.bad()) {
            return malformed_client_hello{"an extension of the ClientHello is cut off"};
        }
        seen.push_back(type);
        if (type == server_name_extension) {
            auto name = server_name_in(content);
            if (!name) {
                return malformed_client_hello{"the ClientHello's server name is none"};
            }
            found.server_name = *std::move(name);
        } else if (type == alpn_extension) {
            auto protocols = protocols_in(content);
            if (!protocols) {
                return malformed_client_hello{"the ClientHello's list of protocols is malformed"};
            }
            found.protocols = *std::move(protocols);
        }
    }
    std::sort(seen.begin(), seen.end());
    const bool twice = std::adjacent_find(seen.begin(), seen.end()) != seen.end();
    if (twice) {
        return malformed_client_hello{"the ClientHello has an extension twice"};
    }
    return {};
}

/// `body` is the message without its header. What it finds lacks `raw`.
boost::system::result<client_hello, malformed_client_hello> read_hello(std::string_view body) {
    part_reader rest(body);
    const auto version = rest.take(2);
    rest.take(random_size);
    const auto session_id = rest.take_vector(1);
    const auto ciphers = rest.take_vector(2);
    const auto compressions = rest.take_vector(1);
    const bool is_hello = !rest.bad() && byte_at(version, 0) == tls_major &&
                          session_id.size() <= max_session_id && !ciphers.empty() &&
                          ciphers.size() % 2 == 0 && !compressions.empty();
    if (!is_hello) {
        return malformed_client_hello{"the ClientHello is malformed"};
    }
    if (rest.at_end()) {
        return client_hello{}; // before RFC 4366 there were no extensions
    }
    const auto extensions = rest.take_vector(2);
    if (rest.bad() || !rest.at_end()) {
        return malformed_client_hello{"the ClientHello and its extensions end in different places"};
    }
    client_hello found;
    if (auto read = read_extensions(extensions, found); !read) {
        return std::move(read).error();
    }
    return found;
}

} // namespace

bool client_hello::offers(std::string_view protocol) const noexcept {
    return std::find(protocols.begin(), protocols.end(), protocol) != protocols.end();
}

std::size_t client_hello_decoder::wanted() const noexcept {
    if (is_not_tls_ || is_complete_ || error_) {
        return 0;
    }
    const auto record_size = raw_.size() - record_begin_;
    if (record_size < record_header_size) {
        return record_header_size - record_size;
    }
    return record_header_size + load_uint16(raw_, record_begin_ + 3) - record_size;
}

void client_hello_decoder::feed(std::string_view data) {
    assert(data.size() <= wanted());
    const auto before = raw_.size() - record_begin_;
    raw_.append(data);
    const auto record_size = raw_.size() - record_begin_;
    const bool is_record = record_size < 1 || byte_at(raw_, record_begin_) == handshake_record;
    const bool is_version = record_size < 2 || byte_at(raw_, record_begin_ + 1) == tls_major;
    if (!is_record || !is_version) {
        is_not_tls_ = record_begin_ == 0;
        error_ = malformed_client_hello{"the ClientHello breaks off between two records"};
    } else if (before < record_header_size && record_size >= record_header_size) {
        end_record_header();
    } else if (record_size > record_header_size && wanted() == 0) {
        end_record();
    }
}

void client_hello_decoder::end_record_header() {
    const std::size_t length = load_uint16(raw_, record_begin_ + 3);
    if (length == 0 || length > max_record) {
        error_ = malformed_client_hello{"a TLS record of " + std::to_string(length) + " bytes"};
    } else if (record_begin_ + record_header_size + length > max_length) {
        error_ = too_long();
    }
}

void client_hello_decoder::end_record() {
    message_.append(raw_, record_begin_ + record_header_size);
    record_begin_ = raw_.size();
    check_hello_size();
}

void client_hello_decoder::check_hello_size() {
    if (byte_at(message_, 0) != client_hello_type) {
        error_ = malformed_client_hello{
            "a TLS handshake that begins with message " + std::to_string(byte_at(message_, 0)) +
            " instead of a ClientHello"
        };
        return;
    }
    if (message_.size() < handshake_header_size) {
        return;
    }
    const std::size_t size = handshake_header_size + (load_uint32(message_) & 0xff'ffff);
    if (size > max_length) {
        error_ = too_long();
    } else if (message_.size() > size) {
        error_ = malformed_client_hello{"more behind the ClientHello in its record"};
    } else {
        is_complete_ = message_.size() == size;
    }
    if (!is_complete_ && raw_.size() + record_header_size >= max_length) {
        error_ = too_long();
    }
}

hello client_hello_decoder::take() {
    assert(wanted() == 0);
    auto done = std::exchange(*this, {});
    if (done.is_not_tls_) {
        return not_tls{};
    }
    if (done.error_) {
        return *std::move(done.error_);
    }
    auto found = read_hello(std::string_view(done.message_).substr(handshake_header_size));
    if (!found) {
        return std::move(found).error();
    }
    found->raw = std::move(done.raw_);
    return *std::move(found);
}

} // namespace wakegate::wire
