#include "common/base64.hpp"
#include "proxy/auth/scram_client.hpp"
#include "proxy/auth/scram_keys.hpp"
#include "tests/fuzz/require.hpp"

#include <string>

using namespace wakegate;

namespace {

auth::scram_login_keys make_keys() {
    const auto salt = *decode_base64("W22ZaJ0SNY7soEsUEjb6gQ==");
    const auto salted = auth::salted_password("pencil", salt, 4096);
    return {auth::client_key_of(salted), auth::server_key_of(salted), salt, 4096};
}

/// No server that lacks the password may pass as authenticated.
void check(const auth::scram_client::step& step) {
    if (const auto* const failure = std::get_if<auth::scram_failure>(&step)) {
        for (const char byte : failure->reason) {
            fuzz::require(byte >= ' ' && byte <= '~', "a reason can be logged");
        }
    } else {
        const auto& bytes = std::get<auth::scram_message>(step).bytes;
        fuzz::require(bytes.front() == 'p', "a client's SASL messages are of type p");
    }
}

} // namespace

/// Input: one byte (bit 0: with the server's certificate), then data of AuthenticationSASL,
/// SASLContinue and SASLFinal, each behind two bytes for its size.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto keys = make_keys();
    if (size == 0) {
        return 0;
    }
    const bool with_certificate = (data[0] & 1) != 0;
    auth::scram_client client(
        keys,
        {.nonce = "rOprNGfwEbeRWgbNEkqO",
         .end_point_hash = with_certificate ? std::string(32, 'h') : std::string()}
    );
    auto input = fuzz::as_text(data + 1, size - 1);
    check(client.begin(fuzz::take_sized(input)));
    check(client.prove(fuzz::take_sized(input)));
    const auto checked = client.check_server(fuzz::take_sized(input));
    fuzz::require(checked.has_value() == client.finished(), "finished or failed");
    if (!checked) {
        check(checked.error());
    }
    return 0;
}
