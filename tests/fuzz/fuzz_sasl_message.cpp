#include "proxy/wire/authentication_messages.hpp"
#include "tests/fuzz/decoding.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>

using namespace wakegate;

namespace {

struct message {
    std::optional<wire::sasl_message_error> error;
    std::string body;

    friend bool operator==(const message&, const message&) = default;
};

/// The decoder with a single `take`, like the other decoders.
class message_decoder : public wire::sasl_message_decoder {
public:
    message take() {
        auto done = std::exchange(*this, {});
        const auto error = done.error();
        return error ? message{error, {}} : message{{}, done.take_body()};
    }
};

void check_initial(std::string_view body) {
    const auto initial = wire::parse_sasl_initial(body);
    if (!initial) {
        return;
    }
    const auto encoding = wire::sasl_initial_response(initial->mechanism, initial->data);
    fuzz::require(encoding.substr(5) == body, "an initial response is read as it was written");
}

void check_server(std::string_view body) {
    const auto request = wire::parse_authentication(body);
    if (!request || request->kind != wire::authentication_kind::sasl) {
        return;
    }
    const auto mechanisms = wire::parse_sasl_mechanisms(request->data);
    if (mechanisms) {
        const auto encoding = wire::authentication_sasl(*mechanisms);
        fuzz::require(encoding.substr(5) == body, "mechanisms are read as they were written");
    }
}

} // namespace

/// Input: see `decode_input`; what a client sends. Its body is read as a server's message too.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto found = fuzz::decode_input<message_decoder>(data, size, std::equal_to());
    if (!found.result) {
        return 0;
    }
    const auto& body = found.result->body;
    fuzz::require(
        body.size() <= wire::sasl_message_decoder::max_sasl_body, "no message is too long"
    );
    check_initial(body);
    check_server(body);
    return 0;
}
