#include "proxy/auth/saslprep.hpp"
#include "proxy/auth/scram_verifier.hpp"
#include "tests/fuzz/require.hpp"

using namespace wakegate;

/// Input: a verifier as Postgres stores it, which is prepared as a password too.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::as_text(data, size);
    const auto verifier = auth::scram_verifier::parse(text);
    if (verifier) {
        fuzz::require(verifier->text() == text, "a verifier has one spelling");
        fuzz::require(verifier->iterations > 0, "a verifier is iterated");
    }
    const auto prepared = auth::saslprep(text);
    fuzz::require(prepared.view().empty() == text.empty(), "no password becomes empty");
    return 0;
}
