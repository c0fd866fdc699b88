#pragma once

#include "proxy/wire/bytes.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

namespace wakegate::wire {

/// Steps from header to header over one direction's frames after the startup message: a type byte,
/// an int32 length that counts itself, a body (protocol, "Message Formats"). It stays exact across
/// any segmentation, skips bodies without touching them and keeps no byte of theirs.
///
/// A visitor gets every frame's header, and the beginning of the bodies that it asks for:
///
///     struct visitor {
///         // How many of the body's first bytes `prefix` shall be given; a body may be shorter.
///         std::uint16_t begin(char type, std::uint32_t body_size);
///         // The bytes asked for, in order, in as many pieces as they arrive in.
///         void prefix(char type, std::string_view piece, bool last_piece);
///         // True when a frame whose header is that of the frame before it needs no `begin`.
///         bool may_skip_repeats(char type);
///     };
class frame_walker {
public:
    static constexpr std::size_t header_size = 5;

    /// False when a length can be no frame's: below 4, or negative as an int32. Where the next
    /// frame begins is unknown from then on, and the walker must not be used again.
    template <typename Visitor> [[nodiscard]] bool walk(std::string_view data, Visitor& visitor);

    [[nodiscard]] bool at_boundary() const noexcept { return header_bytes_ == 0; }

private:
    static constexpr std::uint32_t length_size = 4;
    static constexpr std::uint32_t max_length = std::numeric_limits<std::int32_t>::max();

    [[nodiscard]] static bool is_length(std::uint32_t length) noexcept {
        return length >= length_size && length <= max_length;
    }

    template <typename Visitor>
    [[nodiscard]] bool skip_frames(std::string_view& data, Visitor& visitor);
    [[nodiscard]] static std::size_t
    size_of_run(std::string_view data, std::size_t frame_size) noexcept;
    template <typename Visitor>
    [[nodiscard]] bool take_header_byte(std::string_view& data, Visitor& visitor);
    template <typename Visitor> void take_body(std::string_view& data, Visitor& visitor);

    void enter_body(char type, std::uint32_t body_size, std::uint16_t wanted) noexcept {
        type_ = type;
        rest_ = body_size;
        wanted_ = static_cast<std::uint16_t>(std::min<std::uint32_t>(wanted, body_size));
        header_bytes_ = body_size > 0 ? header_size : 0;
    }

    std::uint32_t rest_ = 0;   // of the body; inside the header: what is known of the length
    std::uint16_t wanted_ = 0; // bytes the visitor still waits for
    char type_ = 0;
    std::uint8_t header_bytes_ = 0; // 0 between frames, header_size inside a body
};

template <typename Visitor> bool frame_walker::walk(std::string_view data, Visitor& visitor) {
    while (!data.empty()) {
        if (header_bytes_ == header_size) {
            take_body(data, visitor);
            continue;
        }
        const bool whole_header = header_bytes_ == 0 && data.size() >= header_size;
        if (!(whole_header ? skip_frames(data, visitor) : take_header_byte(data, visitor))) {
            return false;
        }
    }
    return true;
}

/// The hot loop: frames that are whole in `data`, and whose bodies the visitor does not want, pass
/// without a store to memory.
template <typename Visitor>
bool frame_walker::skip_frames(std::string_view& data, Visitor& visitor) {
    while (data.size() >= header_size) {
        const char type = data.front();
        const auto length = load_uint32(data, 1);
        if (!is_length(length)) {
            return false;
        }
        const auto body_size = length - length_size;
        const std::uint16_t wanted = visitor.begin(type, body_size);
        const std::size_t frame_size = header_size + body_size;
        if (wanted > 0 || frame_size > data.size()) {
            data.remove_prefix(header_size);
            enter_body(type, body_size, wanted);
            return true;
        }
        const bool may_run = visitor.may_skip_repeats(type);
        data.remove_prefix(may_run ? size_of_run(data, frame_size) : frame_size);
    }
    return true;
}

/// The whole frame that `data` begins with, and all that follow it with the same header. Rows of
/// one result often have one size, and a header that is only compared need not be there before the
/// next one can be looked for: the processor takes several at once.
inline std::size_t
frame_walker::size_of_run(std::string_view data, std::size_t frame_size) noexcept {
    const auto header_at = [&](std::size_t at) {
        std::uint32_t length = 0; // in network order, as it is only compared
        std::memcpy(&length, data.data() + at + 1, sizeof length);
        return std::uint64_t{length} << 8 | static_cast<unsigned char>(data[at]);
    };
    const auto header = header_at(0);
    const auto last = data.size() - frame_size;
    std::size_t size = frame_size;
    while (size <= last && header_at(size) == header) {
        size += frame_size;
    }
    return size;
}

template <typename Visitor>
bool frame_walker::take_header_byte(std::string_view& data, Visitor& visitor) {
    const char byte = data.front();
    data.remove_prefix(1);
    if (header_bytes_ == 0) {
        type_ = byte;
        rest_ = 0;
    } else {
        rest_ = rest_ << 8 | static_cast<unsigned char>(byte);
    }
    if (++header_bytes_ < header_size) {
        return true;
    }
    if (!is_length(rest_)) {
        return false;
    }
    const auto body_size = rest_ - length_size;
    enter_body(type_, body_size, visitor.begin(type_, body_size));
    return true;
}

template <typename Visitor> void frame_walker::take_body(std::string_view& data, Visitor& visitor) {
    const auto size = std::min<std::size_t>(rest_, data.size());
    const auto body = data.substr(0, size);
    data.remove_prefix(size);
    rest_ -= static_cast<std::uint32_t>(size);
    if (rest_ == 0) {
        header_bytes_ = 0;
    }
    if (wanted_ > 0) {
        const auto piece = body.substr(0, wanted_);
        wanted_ = static_cast<std::uint16_t>(wanted_ - piece.size());
        visitor.prefix(type_, piece, wanted_ == 0);
    }
}

} // namespace wakegate::wire
