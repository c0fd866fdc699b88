#include "proxy/wire/login_exchange.hpp"
#include "tests/fuzz/require.hpp"

using namespace wakegate;

namespace {

constexpr std::uint8_t client_bit = 0x80;

void feed(wire::login_exchange& login, bool from_client, std::string_view piece) {
    from_client ? login.client_sent(piece) : login.server_sent(piece);
}

} // namespace

/// Input: as fuzz_protocol_tracker's, records of one byte (its upper bit is the sender, the others
/// how much) and that many bytes. One login is fed record by record, the other byte by byte.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    wire::login_exchange whole;
    wire::login_exchange bytewise;
    auto input = fuzz::as_text(data, size);
    while (!input.empty()) {
        const auto control = static_cast<std::uint8_t>(input.front());
        const bool from_client = (control & client_bit) != 0;
        const auto piece = input.substr(1, control & ~client_bit);
        input.remove_prefix(1 + piece.size());

        const bool owed = whole.client_owes_answer();
        feed(whole, from_client, piece);
        for (std::size_t at = 0; at < piece.size(); ++at) {
            feed(bytewise, from_client, piece.substr(at, 1));
        }
        const bool owes = whole.client_owes_answer();
        fuzz::require(owes == bytewise.client_owes_answer(), "segmentation changes nothing");
        fuzz::require(owed || !owes || !from_client, "no client asks itself");
    }
    return 0;
}
