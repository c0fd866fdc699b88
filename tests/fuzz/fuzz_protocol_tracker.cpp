#include "proxy/wire/protocol_tracker.hpp"
#include "tests/fuzz/require.hpp"

#include <array>

using namespace wakegate;

namespace {

constexpr std::uint8_t client_bit = 0x80;

void feed(wire::protocol_tracker& session, bool from_client, std::string_view piece) {
    from_client ? session.client_sent(piece) : session.server_sent(piece);
}

/// Pings, and texts that begin like them.
const wire::ping_texts& known_pings() {
    static const auto texts = [] {
        wire::ping_texts pings;
        for (const auto* const text : {"SELECT 1", "SELECT 1; SELECT 2", "SELECT 'x'"}) {
            fuzz::require(pings.add(text), "a plain text is taken");
        }
        return pings;
    }();
    return texts;
}

std::array<bool, 9> seen_by(const wire::protocol_tracker& session) {
    return {
        session.busy(),
        session.working(),
        session.logged_in(),
        session.listening(),
        session.server_at_boundary(),
        session.server_sent_fatal(),
        session.client_sent_terminate(),
        session.desynchronised(),
        session.has_key(),
    };
}

void check(const wire::protocol_tracker& session) {
    fuzz::require(session.logged_in() || session.busy(), "logging in is never idle");
    fuzz::require(!session.desynchronised() || session.busy(), "lost is never idle");
    fuzz::require(session.logged_in() || session.working(), "logging in is no ping");
    fuzz::require(!session.desynchronised() || session.working(), "lost is no ping");
    fuzz::require(session.busy() || !session.working(), "an idle session does not work");
}

} // namespace

/// Input: records of one byte (its upper bit is the sender, the others the size) and that many
/// bytes. One session is fed record by record, the other byte by byte.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    wire::protocol_tracker whole(&known_pings());
    wire::protocol_tracker bytewise(&known_pings());
    auto input = fuzz::as_text(data, size);
    while (!input.empty()) {
        const auto control = static_cast<std::uint8_t>(input.front());
        const bool from_client = (control & client_bit) != 0;
        const auto piece = input.substr(1, control & ~client_bit);
        input.remove_prefix(1 + piece.size());

        feed(whole, from_client, piece);
        for (std::size_t at = 0; at < piece.size(); ++at) {
            feed(bytewise, from_client, piece.substr(at, 1));
        }
        check(whole);
        fuzz::require(seen_by(whole) == seen_by(bytewise), "segmentation changes nothing");
    }
    const auto key = whole.take_key();
    fuzz::require(key == bytewise.take_key(), "segmentation changes no key");
    fuzz::require(key.empty() || (key.size() >= 8 && key.size() <= 260), "a key has a legal size");
    fuzz::require(!whole.has_key(), "a key is given once");
    return 0;
}
