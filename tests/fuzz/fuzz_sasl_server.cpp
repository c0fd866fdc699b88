#include "common/base64.hpp"
#include "proxy/auth/scram_keys.hpp"
#include "proxy/auth/scram_server.hpp"
#include "tests/fuzz/require.hpp"

#include <string>

using namespace wakegate;

namespace {

/// The example of RFC 7677, so that the corpus can hold a login that succeeds.
const auth::scram_verifier& verifier() {
    static const auto example =
        auth::scram_verifier::derive("pencil", *decode_base64("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
    return example;
}

void check(const auth::scram_result& answer, bool may_log_in) {
    if (const auto* const success = std::get_if<auth::scram_success>(&answer)) {
        fuzz::require(may_log_in, "who may not log in does not");
        fuzz::require(
            auth::hash(success->keys.client_key.view()) == verifier().stored_key,
            "a success yields the client's key"
        );
    } else if (const auto* const error = std::get_if<auth::scram_server_error>(&answer)) {
        for (const char byte : error->detail) {
            fuzz::require(byte >= ' ' && byte <= '~', "a refusal shows no bytes of the client's");
        }
    }
}

} // namespace

/// Input: one byte (bit 0: with a certificate, bit 1: of an unknown role), then messages, each
/// behind two bytes for its size.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const bool with_certificate = (data[0] & 1) != 0;
    const bool may_log_in = (data[0] & 2) == 0;
    auth::scram_server server(
        {.verifier = verifier(), .may_log_in = may_log_in},
        {.nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
         .end_point_hash = with_certificate ? std::string(32, 'h') : std::string()}
    );
    auto input = fuzz::as_text(data + 1, size - 1);
    bool over = false;
    while (!input.empty()) {
        const auto answer = server.receive(fuzz::take_sized(input));
        check(answer, may_log_in);
        const bool goes_on = std::holds_alternative<auth::scram_challenge>(answer);
        fuzz::require(
            !over || std::holds_alternative<auth::scram_server_error>(answer), "over is over"
        );
        over = over || !goes_on;
    }
    return 0;
}
