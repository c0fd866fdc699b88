#include "proxy/wire/authentication_messages.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <string>

using namespace wakegate;

namespace {

struct outcome {
    bool whole = false;
    std::string error = {};
    std::string body = {};

    friend bool operator==(const outcome&, const outcome&) = default;
};

/// Gives at most `piece_size` bytes at a time, and never more than are wanted.
outcome decode(std::string_view bytes, std::size_t piece_size) {
    wire::sasl_message_decoder decoder;
    outcome result;
    std::size_t taken = 0;
    while (decoder.wanted() > 0 && taken < bytes.size()) {
        const auto size = std::min(piece_size, decoder.wanted());
        const auto piece = bytes.substr(taken, size);
        decoder.feed(piece);
        taken += piece.size();
    }
    result.whole = decoder.wanted() == 0;
    if (result.whole) {
        result.error = decoder.error();
        result.body = result.error.empty() ? decoder.take_body() : "";
    }
    return result;
}

void check_initial(std::string_view body) {
    const auto initial = wire::parse_sasl_initial(body);
    if (!initial) {
        return;
    }
    const auto again = wire::sasl_initial_response(initial->mechanism, initial->data);
    fuzz::require(again.substr(5) == body, "an initial response is read as it was written");
}

void check_server(std::string_view body) {
    const auto request = wire::parse_authentication(body);
    if (!request || request->kind != wire::authentication_kind::sasl) {
        return;
    }
    const auto mechanisms = wire::parse_sasl_mechanisms(request->data);
    if (mechanisms) {
        const auto again = wire::authentication_sasl(*mechanisms);
        fuzz::require(again.substr(5) == body, "mechanisms are read as they were written");
    }
}

} // namespace

/// Input: one byte for the size of the pieces, then what a client sends; its body is read as a
/// server's message too.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const auto bytes = fuzz::as_text(data + 1, size - 1);
    const auto whole = decode(bytes, bytes.size());
    fuzz::require(whole == decode(bytes, 1 + data[0] % 16U), "segmentation changes nothing");
    fuzz::require(
        whole.body.size() <= wire::sasl_message_decoder::max_sasl_body, "no message is too long"
    );
    check_initial(whole.body);
    check_server(whole.body);
    return 0;
}
