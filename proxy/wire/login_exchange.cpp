#include "proxy/wire/login_exchange.hpp"

#include "proxy/wire/authentication_messages.hpp"

#include <algorithm>
#include <limits>

namespace wakegate::wire {
namespace {

constexpr std::uint8_t kind_size = sizeof(std::uint32_t);

/// A prefix that is the whole body: no login has a longer message (Postgres refuses them from
/// 65,535 bytes on: PG_MAX_AUTH_TOKEN_LENGTH, auth.c).
constexpr std::uint16_t whole_body(std::uint32_t body_size) noexcept {
    constexpr std::uint32_t most = std::numeric_limits<std::uint16_t>::max();
    return static_cast<std::uint16_t>(std::min(body_size, most));
}

} // namespace

struct login_exchange::client_frames {
    login_exchange& exchange;

    /// Counts messages of any type: the server answers with an error to those that are no answers.
    std::uint16_t begin(char, std::uint32_t body_size) const noexcept {
        exchange.answers_ += body_size == 0 ? 1 : 0;
        return whole_body(body_size);
    }

    void prefix(char, std::string_view, bool last_piece) const noexcept {
        exchange.answers_ += last_piece ? 1 : 0;
    }

    static bool may_skip_repeats(char) noexcept { return false; }
};

struct login_exchange::server_frames {
    login_exchange& exchange;

    std::uint16_t begin(char type, std::uint32_t body_size) const noexcept {
        exchange.kind_ = 0;
        exchange.kind_bytes_ = 0;
        if (type == 'E') { // the login has failed
            exchange.cancel_requests();
        }
        return type == 'R' ? whole_body(body_size) : std::uint16_t{0};
    }

    void prefix(char, std::string_view piece, bool last_piece) const noexcept {
        exchange.read_request_kind(piece, last_piece);
    }

    static bool may_skip_repeats(char) noexcept { return false; }
};

void login_exchange::client_sent(std::string_view data) noexcept {
    const client_frames frames{*this};
    if (!client_desynchronised_) {
        client_desynchronised_ = !client_.walk(data, frames);
    }
}

void login_exchange::server_sent(std::string_view data) noexcept {
    const server_frames frames{*this};
    if (!server_desynchronised_) {
        server_desynchronised_ = !server_.walk(data, frames);
    }
}

void login_exchange::read_request_kind(std::string_view piece, bool last_piece) noexcept {
    for (; kind_bytes_ < kind_size && !piece.empty(); piece.remove_prefix(1)) {
        kind_ = kind_ << 8U | static_cast<unsigned char>(piece.front());
        ++kind_bytes_;
    }
    if (!last_piece || kind_bytes_ < kind_size) {
        return;
    }
    switch (static_cast<authentication_kind>(kind_)) {
    case authentication_kind::ok:
    case authentication_kind::sasl_final:
        // Also after GSSAPI's last token, which looks like a request and may want no answer.
        cancel_requests();
        break;
    default:
        ++requests_;
    }
}

/// The client no longer owes any answer.
void login_exchange::cancel_requests() noexcept {
    requests_ = std::min(requests_, answers_);
}

bool login_exchange::client_owes_answer() const noexcept {
    return !server_desynchronised_ && requests_ > answers_;
}

} // namespace wakegate::wire
