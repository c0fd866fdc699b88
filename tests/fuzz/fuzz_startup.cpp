#include "proxy/wire/startup_decoder.hpp"
#include "tests/fuzz/require.hpp"

#include <optional>
#include <string>

using namespace wakegate;

namespace {

struct outcome {
    std::size_t taken = 0;
    std::optional<wire::startup_packet> first = {}; ///< nothing while more bytes are wanted
};

/// Gives at most `piece_size` bytes at a time, and never more than are wanted.
outcome decode(std::string_view bytes, std::size_t piece_size) {
    wire::startup_decoder decoder;
    outcome result;
    while (decoder.wanted() > 0 && result.taken < bytes.size()) {
        const auto size = std::min(piece_size, decoder.wanted());
        const auto piece = bytes.substr(result.taken, size);
        decoder.feed(piece);
        result.taken += piece.size();
    }
    if (decoder.wanted() == 0) {
        result.first = decoder.take();
        fuzz::require(decoder.wanted() == 8, "a decoder is ready again after take()");
    }
    return result;
}

/// All that an opening says, in one string.
std::string text_of(const wire::startup_packet& first) {
    auto text = std::to_string(first.index()) + ":";
    if (const auto* const cancel = std::get_if<wire::cancel_request>(&first)) {
        text += cancel->key;
    } else if (const auto* const malformed = std::get_if<wire::malformed_startup>(&first)) {
        text += malformed->reason;
    } else if (const auto* const rejected = std::get_if<wire::rejected_startup>(&first)) {
        text += std::to_string(static_cast<int>(rejected->error)) + " of " +
                std::to_string(rejected->protocol);
    } else if (const auto* const startup = std::get_if<wire::startup_message>(&first)) {
        text += startup->raw;
        for (const auto& [name, value] : startup->parameters) {
            text += name + '\0' + value + '\0';
        }
    }
    return text;
}

void check_startup(const wire::startup_message& startup, std::string_view bytes) {
    fuzz::require(startup.raw == bytes, "the raw message is what the client sent");
    fuzz::require(!startup.user().empty(), "a startup message names a user");
    fuzz::require(!startup.database().empty(), "a startup message leads to a database");
    fuzz::require(startup.protocol >> 16 == 3, "only protocol 3 is spoken");
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
    fuzz::require(whole.taken <= wire::startup_decoder::max_length, "no message is too long");
    if (!whole.first) {
        return 0;
    }
    fuzz::require(
        text_of(*whole.first) == text_of(*pieces.first), "pieces mean what the whole does"
    );
    if (const auto* const startup = std::get_if<wire::startup_message>(&*whole.first)) {
        check_startup(*startup, bytes.substr(0, whole.taken));
    }
    return 0;
}
