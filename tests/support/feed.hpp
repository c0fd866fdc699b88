#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace wakegate::support {

/// Gives `decoder` the front of `bytes`, never more than it wants nor than `piece_size` at a time,
/// until it wants no more. Returns how many bytes it took.
template <typename Decoder>
std::size_t
feed(Decoder& decoder, std::string_view bytes, std::size_t piece_size = std::string_view::npos) {
    std::size_t taken = 0;
    while (decoder.wanted() > 0 && taken < bytes.size()) {
        const auto piece = bytes.substr(taken, std::min(piece_size, decoder.wanted()));
        decoder.feed(piece);
        taken += piece.size();
    }
    return taken;
}

} // namespace wakegate::support
