#include "proxy/wire/client_hello.hpp"
#include "tests/fuzz/decoding.hpp"

#include <algorithm>
#include <string>

using namespace wakegate;

namespace {

/// All decoded fields of a hello, in one string.
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

/// Input: see `decode_input`; what a client sends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto found = fuzz::decode_input<wire::client_hello_decoder>(
        data,
        size,
        [](const auto& one, const auto& other) { return text_of(one) == text_of(other); }
    );
    if (!found.result) {
        return 0;
    }
    if (const auto* const hello = std::get_if<wire::client_hello>(&*found.result)) {
        check_hello(*hello, found.input);
    }
    return 0;
}
