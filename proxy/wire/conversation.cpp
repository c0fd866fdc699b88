#include "proxy/wire/conversation.hpp"

#include "proxy/wire/messages.hpp"

#include <algorithm>
#include <utility>

namespace wakegate::wire {

namespace {

using namespace std::string_view_literals;

constexpr auto listen_tag = "LISTEN\0"sv;
constexpr auto discard_all_tag = "DISCARD ALL\0"sv;

constexpr std::uint32_t min_key_size = 8;
constexpr std::uint32_t max_key_size = 260;
/// Of an ErrorResponse: the severity comes first, translated (24 bytes in the longest catalogue)
/// and then, since Postgres 9.6, as it is.
constexpr std::uint16_t severity_prefix = 64;

bool ends_session(std::string_view error_prefix) noexcept {
    auto severity = error_field(error_prefix, 'V');
    if (severity.empty()) {
        severity = error_field(error_prefix, 'S');
    }
    return severity == "FATAL" || severity == "PANIC";
}

} // namespace

static_assert(sizeof(conversation) <= 96, "there is one for each relayed session");

struct conversation::client_frames {
    conversation& of;

    std::uint16_t begin(char type, std::uint32_t) const noexcept {
        of.client_began(type);
        return 0;
    }

    void prefix(char, std::string_view, bool) const noexcept {}

    static bool repeats_untold(char type) noexcept { return type == 'd'; } // CopyData
};

struct conversation::server_frames {
    conversation& of;

    std::uint16_t begin(char type, std::uint32_t body_size) const noexcept {
        return of.server_began(type, body_size);
    }

    void prefix(char type, std::string_view piece, bool last_piece) const noexcept {
        of.server_prefix(type, piece, last_piece);
    }

    static bool repeats_untold(char type) noexcept {
        return type == 'D' || type == 'd'; // DataRow, CopyData
    }
};

void conversation::client_sent(std::string_view data) noexcept {
    const client_frames frames{*this};
    if (!lost_) {
        lost_ = !client_.walk(data, frames);
    }
}

void conversation::server_sent(std::string_view data) noexcept {
    const server_frames frames{*this};
    if (!lost_) {
        lost_ = !server_.walk(data, frames);
    }
}

void conversation::client_began(char type) noexcept {
    switch (type) {
    case 'Q': // Query
    case 'F': // FunctionCall
        begin_command(copy_candidate::query);
        unsynced_ = false;
        ++owed_;
        break;
    case 'E': // Execute
        begin_command(copy_candidate::execute);
        unsynced_ = true;
        break;
    case 'S': // Sync
        unsynced_ = false;
        ++owed_;
        if (copy_candidate_ != copy_candidate::none) {
            ++syncs_to_take_;
        }
        break;
    case 'c': // CopyDone
    case 'f': // CopyFail
        take_back_syncs();
        break;
    case 'X': // Terminate
        client_said_goodbye_ = true;
        break;
    case 'd': // CopyData: its command is counted already; after that failed, nothing answers it
    case 'H': // Flush
    case 'p': // answers to authentication requests
        break;
    default: // Parse, Bind, Describe, Close, and what later protocols add
        unsynced_ = true;
    }
}

void conversation::begin_command(copy_candidate command) noexcept {
    copy_candidate_ = command;
    syncs_to_take_ = 0;
}

void conversation::take_back_syncs() noexcept {
    if (syncs_to_take_ > 0 && copy_candidate_ == copy_candidate::execute) {
        unsynced_ = true; // the Execute is without its Sync again; a Query has its own answer
    }
    owed_ -= syncs_to_take_;
    begin_command(copy_candidate::none);
}

std::uint16_t conversation::server_began(char type, std::uint32_t body_size) const noexcept {
    switch (type) {
    case 'Z': // ReadyForQuery
        return sizeof(status_);
    case 'E': // ErrorResponse
        return severity_prefix;
    case 'C': // CommandComplete
        return body_size == listen_tag.size() || body_size == discard_all_tag.size()
                   ? static_cast<std::uint16_t>(body_size)
                   : std::uint16_t{0};
    case 'K': // BackendKeyData; one of another size could not be handed to a CancelRequest
        return body_size >= min_key_size && body_size <= max_key_size
                   ? static_cast<std::uint16_t>(body_size)
                   : std::uint16_t{0};
    default:
        return 0;
    }
}

void conversation::server_prefix(char type, std::string_view piece, bool last_piece) noexcept {
    if (last_piece && !in_pieces_) {
        look_into(type, piece);
        return;
    }
    pieces_.append(piece);
    in_pieces_ = !last_piece;
    if (last_piece) {
        look_into(type, std::exchange(pieces_, {}));
    }
}

void conversation::look_into(char type, std::string_view prefix) noexcept {
    switch (type) {
    case 'Z':
        server_ready(prefix.front());
        break;
    case 'E':
        server_said_goodbye_ = ends_session(prefix);
        break;
    case 'C':
        listening_ = (listening_ && prefix != discard_all_tag) || prefix == listen_tag;
        break;
    case 'K':
        key_ = prefix;
        break;
    default:
        break;
    }
}

void conversation::server_ready(char status) noexcept {
    status_ = status;
    if (!std::exchange(logged_in_, true)) {
        return; // the end of the login, which no message of the client's asked for
    }
    if (owed_ > 0) {
        --owed_;
    }
    // Answers come in order, so the ones still owed are for the last that were sent.
    syncs_to_take_ = std::min(syncs_to_take_, owed_);
}

bool conversation::busy() const noexcept {
    return lost_ || !logged_in_ || owed_ > 0 || unsynced_ || status_ != 'I';
}

bool conversation::logged_in() const noexcept {
    return logged_in_;
}

bool conversation::listening() const noexcept {
    return listening_;
}

bool conversation::server_at_boundary() const noexcept {
    return !lost_ && server_.at_boundary();
}

bool conversation::server_said_goodbye() const noexcept {
    return server_said_goodbye_;
}

bool conversation::client_said_goodbye() const noexcept {
    return client_said_goodbye_;
}

bool conversation::lost() const noexcept {
    return lost_;
}

std::string conversation::take_key() noexcept {
    return std::exchange(key_, {});
}

bool conversation::has_key() const noexcept {
    return !key_.empty();
}

} // namespace wakegate::wire
