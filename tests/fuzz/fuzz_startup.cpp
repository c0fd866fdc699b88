#include "proxy/wire/startup_decoder.hpp"
#include "tests/fuzz/decoding.hpp"

#include <string>

using namespace wakegate;

namespace {

/// All decoded fields of a first packet, in one string.
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

/// Input: see `decode_input`; what a client sends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto found = fuzz::decode_input<wire::startup_decoder>(
        data,
        size,
        [](const auto& one, const auto& other) { return text_of(one) == text_of(other); }
    );
    fuzz::require(
        found.input.size() <= wire::startup_decoder::max_length, "no message is too long"
    );
    if (!found.result) {
        return 0;
    }
    if (const auto* const startup = std::get_if<wire::startup_message>(&*found.result)) {
        check_startup(*startup, found.input);
    }
    return 0;
}
