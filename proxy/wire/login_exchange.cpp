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
    login_exchange& of;

    /// Of any type: what is no answer the server refuses, so it is the server's turn either way.
    std::uint16_t begin(char, std::uint32_t body_size) const noexcept {
        of.answers_ += body_size == 0 ? 1 : 0;
        return whole_body(body_size);
    }

    void prefix(char, std::string_view, bool last_piece) const noexcept {
        of.answers_ += last_piece ? 1 : 0;
    }

    static bool repeats_untold(char) noexcept { return false; }
};

struct login_exchange::server_frames {
    login_exchange& of;

    std::uint16_t begin(char type, std::uint32_t body_size) const noexcept {
        of.kind_ = 0;
        of.kind_bytes_ = 0;
        if (type == 'E') { // the login has failed
            of.settle();
        }
        return type == 'R' ? whole_body(body_size) : std::uint16_t{0};
    }

    void prefix(char, std::string_view piece, bool last_piece) const noexcept {
        of.server_asked_by(piece, last_piece);
    }

    static bool repeats_untold(char) noexcept { return false; }
};

void login_exchange::client_sent(std::string_view data) noexcept {
    const client_frames frames{*this};
    if (!client_lost_) {
        client_lost_ = !client_.walk(data, frames);
    }
}

void login_exchange::server_sent(std::string_view data) noexcept {
    const server_frames frames{*this};
    if (!server_lost_) {
        server_lost_ = !server_.walk(data, frames);
    }
}

void login_exchange::server_asked_by(std::string_view piece, bool last_piece) noexcept {
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
        settle();
        break;
    default:
        ++requests_;
    }
}

/// Whatever was asked, nothing is owed any more.
void login_exchange::settle() noexcept {
    requests_ = std::min(requests_, answers_);
}

bool login_exchange::client_owes_answer() const noexcept {
    return !server_lost_ && requests_ > answers_;
}

} // namespace wakegate::wire
