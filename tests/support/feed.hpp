#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace wakegate::support {

/// Feeds `bytes` to `decoder`, at most what it wants and `piece_size` at a time, until it wants no
/// more. Returns how many bytes it took.
template <typename Decoder>
std::size_t
feed(Decoder& decoder, std::string_view bytes, std::size_t piece_size = std::string_view::npos) {
    std::size_t total = 0;
    while (decoder.wanted() > 0 && total < bytes.size()) {
        const auto piece = bytes.substr(total, std::min(piece_size, decoder.wanted()));
        decoder.feed(piece);
        total += piece.size();
    }
    return total;
}

} // namespace wakegate::support
