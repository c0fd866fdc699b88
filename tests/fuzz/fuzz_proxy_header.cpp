#include "proxy/wire/proxy_header.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <optional>

using namespace wakegate;

namespace {

struct outcome {
    std::size_t taken = 0;
    std::optional<wire::proxy_header> header = {}; ///< nothing while more bytes are wanted
};

outcome decode(std::string_view bytes, std::size_t piece_size) {
    wire::proxy_header_decoder decoder;
    outcome result;
    while (decoder.wanted() > 0 && result.taken < bytes.size()) {
        const auto piece = bytes.substr(result.taken, std::min(piece_size, decoder.wanted()));
        decoder.feed(piece);
        result.taken += piece.size();
    }
    if (decoder.wanted() == 0) {
        result.header = decoder.take();
    }
    return result;
}

} // namespace

/// Input: one byte for the size of the pieces, then what a sender writes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const auto bytes = fuzz::as_text(data + 1, size - 1);
    const auto whole = decode(bytes, bytes.size());
    const auto pieces = decode(bytes, 1 + data[0] % 16U);
    fuzz::require(whole.header.has_value() == pieces.header.has_value(), "pieces end as the whole");
    if (!whole.header) {
        return 0;
    }
    constexpr auto most = 16 + wire::proxy_header_decoder::max_length;
    fuzz::require(whole.taken <= most, "headers are bounded");
    fuzz::require(*whole.header == *pieces.header, "pieces mean what the whole does");
    if (const auto* const found = std::get_if<wire::proxied_connection>(&*whole.header)) {
        const auto written = wire::proxy_header_for(*found);
        const auto read_back = decode(written, written.size());
        fuzz::require(
            read_back.header && *read_back.header == *whole.header, "what is written is read"
        );
    }
    return 0;
}
