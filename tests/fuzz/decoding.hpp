#pragma once

#include "tests/fuzz/require.hpp"
#include "tests/support/feed.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace wakegate::fuzz {

/// A decoder's result, and the bytes it took for it.
template <typename Decoder> struct decoded {
    using result_type = decltype(Decoder().take());

    std::string_view input;
    std::optional<result_type> result = {}; ///< nullopt: it wants more bytes
};

template <typename Decoder>
decoded<Decoder> decode(std::string_view bytes, std::size_t piece_size = std::string_view::npos) {
    Decoder decoder;
    decoded<Decoder> found{.input = bytes.substr(0, support::feed(decoder, bytes, piece_size))};
    if (decoder.wanted() == 0) {
        found.result = decoder.take();
        require(decoder.wanted() == Decoder().wanted(), "a decoder is new again after take()");
    }
    return found;
}

/// Input: one byte for the size of the pieces, then what a peer sends. As a whole and in pieces it
/// must decode to `equal` results.
template <typename Decoder, typename Equal>
decoded<Decoder> decode_input(const std::uint8_t* data, std::size_t size, const Equal& equal) {
    if (size == 0) {
        return {};
    }
    const auto bytes = as_text(data + 1, size - 1);
    auto whole = decode<Decoder>(bytes);
    const auto pieces = decode<Decoder>(bytes, 1 + data[0] % 16U);
    require(whole.result.has_value() == pieces.result.has_value(), "pieces end as the whole");
    require(
        !whole.result || equal(*whole.result, *pieces.result), "pieces mean what the whole does"
    );
    return whole;
}

} // namespace wakegate::fuzz
