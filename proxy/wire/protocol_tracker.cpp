#include "proxy/wire/protocol_tracker.hpp"

#include "proxy/wire/messages.hpp"

#include <algorithm>
#include <utility>

namespace wakegate::wire {

namespace {

using namespace std::string_view_literals;

constexpr auto listen_tag = "LISTEN\0"sv;
constexpr auto discard_all_tag = "DISCARD ALL\0"sv;
constexpr auto prepare_tag = "PREPARE\0"sv;

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

/// True when it was the last.
bool keep_piece(std::unique_ptr<std::string>& pieces, std::string_view piece, bool last_piece) {
    if (!pieces) {
        pieces = std::make_unique<std::string>();
    }
    pieces->append(piece);
    return last_piece;
}

} // namespace

static_assert(sizeof(protocol_tracker) <= 96, "there is one for each relayed session");

struct protocol_tracker::client_frames {
    protocol_tracker& of;

    std::uint16_t begin(char type, std::uint32_t body_size) const noexcept {
        return of.client_began(type, body_size);
    }

    void prefix(char type, std::string_view piece, bool last_piece) const noexcept {
        of.client_prefix(type, piece, last_piece);
    }

    static bool may_skip_repeats(char type) noexcept { return type == 'd'; } // CopyData
};

struct protocol_tracker::server_frames {
    protocol_tracker& of;

    std::uint16_t begin(char type, std::uint32_t body_size) const noexcept {
        return of.server_began(type, body_size);
    }

    void prefix(char type, std::string_view piece, bool last_piece) const noexcept {
        if (type == 'Z') { // each query's; one byte is in one piece
            of.server_ready(piece.front());
            return;
        }
        of.server_prefix(type, piece, last_piece);
    }

    static bool may_skip_repeats(char type) noexcept {
        return type == 'D' || type == 'd'; // DataRow, CopyData
    }
};

void protocol_tracker::client_sent(std::string_view data) noexcept {
    const client_frames frames{*this};
    if (!desynchronised_) {
        desynchronised_ = !client_.walk(data, frames);
    }
}

void protocol_tracker::server_sent(std::string_view data) noexcept {
    const server_frames frames{*this};
    if (!desynchronised_) {
        desynchronised_ = !server_.walk(data, frames);
    }
}

std::uint16_t protocol_tracker::client_began(char type, std::uint32_t body_size) noexcept {
    std::uint16_t wanted = 0;
    switch (type) {
    case 'Q': // Query
    case 'F': // FunctionCall
        wanted = classify_command(type, body_size);
        begin_command(copy_candidate::query);
        unsynced_ = false;
        ++owed_;
        break;
    case 'E': // Execute
        wanted = classify_use(type, body_size);
        begin_command(copy_candidate::execute);
        unsynced_ = true;
        break;
    case 'B': // Bind
    case 'D': // Describe
        wanted = classify_use(type, body_size);
        unsynced_ = true;
        break;
    case 'S': // Sync
        unsynced_ = false;
        ++owed_;
        if (copy_candidate_ != copy_candidate::none) {
            ++syncs_to_cancel_;
        }
        break;
    case 'c': // CopyDone
    case 'f': // CopyFail
        cancel_syncs();
        break;
    case 'X': // Terminate
        client_sent_terminate_ = true;
        break;
    case 'd': // CopyData: its command is counted already; after that failed, nothing answers it
    case 'H': // Flush
    case 'p': // answers to authentication requests
        break;
    default: // Parse, Close, and what later protocols add
        wanted = classify_command(type, body_size);
        unsynced_ = true;
    }
    return wanted;
}

/// A use of a statement or portal is work at once while no ping is prepared, the usual case.
std::uint16_t protocol_tracker::classify_use(char type, std::uint32_t body_size) noexcept {
    if (pings_prepared_) {
        return classify_command(type, body_size);
    }
    working_ = true;
    return 0;
}

/// Records a command that its header shows to be work; returns how much of the body is needed.
std::uint16_t protocol_tracker::classify_command(char type, std::uint32_t body_size) noexcept {
    const bool runs_nothing = type == 'C';
    // While a command still waits for its answer, the effect of the next one is uncertain.
    working_ = working_ || (owed_ > 0 && !runs_nothing);
    if (working_) {
        const bool may_replace_ping = pings_prepared_ && (type == 'P' || runs_nothing);
        return may_replace_ping ? ping_detector::name_prefix : std::uint16_t{0};
    }
    const auto wanted = prefix_of_possible_ping(type, body_size);
    working_ = !runs_nothing && (wanted == 0 || body_size == 0);
    return wanted;
}

std::uint16_t
protocol_tracker::prefix_of_possible_ping(char type, std::uint32_t body_size) const noexcept {
    const auto size = static_cast<std::uint16_t>(body_size);
    const auto name_prefix = pings_prepared_ ? ping_detector::name_prefix : std::uint16_t{0};
    switch (type) {
    case 'Q':
        return body_size <= ping_detector::max_query_size ? size : std::uint16_t{0};
    case 'P':
        return body_size <= ping_detector::max_parse_size ? size : name_prefix;
    case 'E': // a portal of another name may be a cursor WITH HOLD
        return ping_bound_ ? std::uint16_t{1} : std::uint16_t{0};
    case 'B':
    case 'D':
    case 'C':
        return name_prefix;
    default:
        return 0;
    }
}

void protocol_tracker::client_prefix(char type, std::string_view piece, bool last_piece) noexcept {
    if (last_piece && !client_in_pieces_) {
        classify_prefix(type, piece);
        return;
    }
    client_in_pieces_ = !keep_piece(client_pieces_, piece, last_piece);
    if (last_piece) {
        classify_prefix(type, *std::exchange(client_pieces_, nullptr));
    }
}

void protocol_tracker::classify_prefix(char type, std::string_view prefix) noexcept {
    // No Postgres answers a message before it is whole; if a server does, nothing is owed any more.
    const bool is_work = !belongs_to_ping(type, prefix) && busy();
    working_ = working_ || is_work;
    pings_prepared_ = pings_.any_prepared();
}

bool protocol_tracker::belongs_to_ping(char type, std::string_view prefix) noexcept {
    switch (type) {
    case 'Q':
        return pings_.is_ping_query(prefix);
    case 'P':
        return pings_.parse(prefix, !working_ && !failed_);
    case 'B':
        ping_bound_ = pings_.binds_ping(prefix);
        return ping_bound_;
    case 'D': {
        constexpr auto unnamed_portal = "P\0"sv;
        return (ping_bound_ && prefix == unnamed_portal) || pings_.describes_ping_statement(prefix);
    }
    case 'E':
        return prefix.front() == '\0'; // the unnamed portal
    default:
        pings_.close(prefix);
        return true;
    }
}

void protocol_tracker::begin_command(copy_candidate command) noexcept {
    copy_candidate_ = command;
    syncs_to_cancel_ = 0;
}

void protocol_tracker::cancel_syncs() noexcept {
    if (syncs_to_cancel_ > 0 && copy_candidate_ == copy_candidate::execute) {
        unsynced_ = true; // the Execute is without its Sync again; a Query has its own answer
    }
    owed_ -= syncs_to_cancel_;
    begin_command(copy_candidate::none);
    rest_if_idle();
}

std::uint16_t protocol_tracker::server_began(char type, std::uint32_t body_size) noexcept {
    switch (type) {
    case 'Z': // ReadyForQuery
        return sizeof(status_);
    case 'E': // ErrorResponse
        failed_ = true;
        if (pings_prepared_) {
            pings_.forget_unconfirmed();
            pings_prepared_ = pings_.any_prepared();
        }
        return severity_prefix;
    case 'C': // CommandComplete
        return body_size == listen_tag.size() || body_size == discard_all_tag.size() ||
                       (pings_prepared_ && body_size == prepare_tag.size())
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

void protocol_tracker::server_prefix(char type, std::string_view piece, bool last_piece) noexcept {
    if (last_piece && !server_in_pieces_) {
        inspect(type, piece);
        return;
    }
    server_in_pieces_ = !keep_piece(server_pieces_, piece, last_piece);
    if (last_piece) {
        inspect(type, *std::exchange(server_pieces_, nullptr));
    }
}

void protocol_tracker::inspect(char type, std::string_view prefix) noexcept {
    switch (type) {
    case 'E':
        server_sent_fatal_ = ends_session(prefix);
        break;
    case 'C':
        listening_ = (listening_ && prefix != discard_all_tag) || prefix == listen_tag;
        if (pings_prepared_ && prefix == prepare_tag) { // SQL and protocol share the names
            pings_.forget_all();
            pings_prepared_ = false;
        }
        break;
    case 'K':
        key_ = prefix;
        break;
    default:
        break;
    }
}

void protocol_tracker::server_ready(char status) noexcept {
    status_ = status;
    // The login's ReadyForQuery answers no message of the client's.
    if (std::exchange(logged_in_, true) && owed_ > 0) {
        --owed_;
    }
    // Answers come in order, so the ones still owed are for the last that were sent.
    syncs_to_cancel_ = std::min(syncs_to_cancel_, owed_);
    working_ = working_ || status_ != 'I';
    rest_if_idle();
}

void protocol_tracker::rest_if_idle() noexcept {
    if (busy()) {
        return;
    }
    working_ = false;
    ping_bound_ = false;
    failed_ = false;
    if (pings_prepared_) {
        pings_.confirm();
    }
}

bool protocol_tracker::busy() const noexcept {
    return desynchronised_ || !logged_in_ || owed_ > 0 || unsynced_ || status_ != 'I';
}

bool protocol_tracker::logged_in() const noexcept {
    return logged_in_;
}

bool protocol_tracker::listening() const noexcept {
    return listening_;
}

bool protocol_tracker::server_at_boundary() const noexcept {
    return !desynchronised_ && server_.at_boundary();
}

bool protocol_tracker::server_sent_fatal() const noexcept {
    return server_sent_fatal_;
}

bool protocol_tracker::client_sent_terminate() const noexcept {
    return client_sent_terminate_;
}

bool protocol_tracker::desynchronised() const noexcept {
    return desynchronised_;
}

std::string protocol_tracker::take_key() noexcept {
    return std::exchange(key_, {});
}

bool protocol_tracker::has_key() const noexcept {
    return !key_.empty();
}

} // namespace wakegate::wire
