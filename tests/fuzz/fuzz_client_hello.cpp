#include "proxy/wire/client_hello.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <optional>

using namespace wakegate;

namespace {

struct outcome {
    std::size_t taken = 0;
    std::optional<wire::hello> first = {}; ///< nothing while more bytes are wanted
};

outcome decode(std::string_view bytes, std::size_t piece_size) {
    wire::client_hello_decoder decoder;
    outcome result;
    while (decoder.wanted() > 0 && result.taken < bytes.size()) {
        const auto piece = bytes.substr(result.taken, std::min(piece_size, decoder.wanted()));
        decoder.feed(piece);
        result.taken += piece.size();
    }
    if (decoder.wanted() == 0) {
        result.first = decoder.take();
        fuzz::require(decoder.wanted() == 5, "a decoder is new again after take()");
    }
    return result;
}

/// All that a hello says, in one string.
std::string text_of(const wire::hello& first) {
    auto text = std::to_string(first.index()) + ":";
    if (const auto* const malformed = std::get_if<wire::malformed_client_hello>(&first)) {
        text += malformed->reason;
    } else if (const auto* const found = std::get_if<wire::client_hello>(&first)) {
        text += found->server_name + '\0' + found->raw;
        for (const auto& protocol : found->protocols) {
            text += protocol + '\0';
        }
    }
    return text;
}

void check_hello(const wire::client_hello& found, std::string_view bytes) {
    fuzz::require(found.raw == bytes, "the raw bytes are what the client sent");
    fuzz::require(found.raw.size() <= wire::client_hello_decoder::max_length, "hellos are bounded");
    const auto& name = found.server_name;
    fuzz::require(name.size() <= 255, "a host name is no longer");
    fuzz::require(
        std::all_of(
            name.begin(),
            name.end(),
            [](char byte) {
                return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
                       byte == '-' || byte == '_' || byte == '.';
            }
        ),
        "a host name is made of letters, digits, '-', '_' and dots"
    );
    for (const auto& protocol : found.protocols) {
        fuzz::require(!protocol.empty(), "no protocol is without a name");
    }
}

} // namespace

/// Input: one byte for the size of the pieces, then what a client sends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const auto bytes = fuzz::as_text(data + 1, size - 1);
    const auto whole = decode(bytes, bytes.size());
    const auto pieces = decode(bytes, 1 + data[0] % 16U);
    fuzz::require(whole.first.has_value() == pieces.first.has_value(), "pieces end as the whole");
    if (!whole.first) {
        return 0;
    }
    fuzz::require(
        text_of(*whole.first) == text_of(*pieces.first), "pieces mean what the whole does"
    );
    if (const auto* const found = std::get_if<wire::client_hello>(&*whole.first)) {
        check_hello(*found, bytes.substr(0, whole.taken));
    }
    return 0;
}
