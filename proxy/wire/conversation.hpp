#pragma once

#include "proxy/wire/frame_walker.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace wakegate::wire {

/// What can be known of a session by walking the message headers of both directions: is the server
/// at work for it, has it logged in, where do messages end. It never changes or keeps a byte of
/// theirs, beside the BackendKeyData.
///
/// Feed every byte in the order it passes, beginning with the server's first byte after the startup
/// message, in pieces of any size. Cost per call: O(messages); bodies are skipped. Lives on one
/// thread; never fails: a length no message can have makes it `lost()`, and then `busy()` stays
/// true, since unknown is never idle.
///
/// What makes a session busy (protocol, "Message Flow"):
/// - before the first ReadyForQuery: it is logging in;
/// - each Query, FunctionCall and Sync is owed one ReadyForQuery;
/// - Parse, Bind, Describe, Execute and Close since the last Sync are work without an end yet; so
/// is
///   a message this version does not know. Flush alone is answered by nothing and is no work;
/// - the last ReadyForQuery did not say 'I': a transaction is open.
/// During COPY FROM STDIN the server ignores Sync and Flush, so Syncs sent between Execute (or
/// Query) and CopyDone or CopyFail are owed nothing: CopyDone and CopyFail take them back.
///
/// Two things no driver does are over-counted, and the session then stays busy until it ends: a
/// Query between Parse and Sync that the server skips because of an error before it, and further
/// commands in a pipeline behind a COPY FROM STDIN.
class conversation {
public:
    void client_sent(std::string_view data) noexcept;
    void server_sent(std::string_view data) noexcept;

    [[nodiscard]] bool busy() const noexcept;
    /// The first ReadyForQuery has been seen.
    [[nodiscard]] bool logged_in() const noexcept;
    /// LISTEN was run and DISCARD ALL has not been since. A LISTEN inside a function or DO block
    /// does not show on the wire; UNLISTEN may leave other channels, so it changes nothing.
    [[nodiscard]] bool listening() const noexcept;
    /// The server's stream is between two messages, so that one of ours could stand there.
    [[nodiscard]] bool server_at_boundary() const noexcept;
    /// The last ErrorResponse was FATAL or PANIC: the server has said goodbye itself.
    [[nodiscard]] bool server_said_goodbye() const noexcept;
    /// The client sent Terminate.
    [[nodiscard]] bool client_said_goodbye() const noexcept;
    [[nodiscard]] bool lost() const noexcept;
    /// The body of BackendKeyData (process id and secret, 8 to 260 bytes) once it has passed; moves
    /// it out, so it is given once.
    [[nodiscard]] std::string take_key() noexcept;
    [[nodiscard]] bool has_key() const noexcept;

private:
    struct client_frames;
    struct server_frames;

    /// The command that a CopyDone or CopyFail would end.
    enum class copy_candidate : std::uint8_t { none, query, execute };

    void client_began(char type) noexcept;
    void begin_command(copy_candidate command) noexcept;
    void take_back_syncs() noexcept;
    [[nodiscard]] std::uint16_t server_began(char type, std::uint32_t body_size) const noexcept;
    void server_prefix(char type, std::string_view piece, bool last_piece) noexcept;
    void look_into(char type, std::string_view prefix) noexcept;
    void server_ready(char status) noexcept;

    // What every message touches comes first: 32 bytes, to share a cache line with the relay's own.
    frame_walker client_;
    frame_walker server_;
    std::uint32_t owed_ = 0;          // ReadyForQuery messages the server still has to send
    std::uint32_t syncs_to_take_ = 0; // the last of those owed, sent since `copy_candidate_`
    copy_candidate copy_candidate_ = copy_candidate::none;
    char status_ = 'I'; // of the last ReadyForQuery
    bool unsynced_ = false;
    bool logged_in_ = false;
    bool in_pieces_ = false; // a server body's prefix is split over reads
    bool listening_ : 1 = false;
    bool server_said_goodbye_ : 1 = false;
    bool client_said_goodbye_ : 1 = false;
    bool lost_ : 1 = false;
    std::string pieces_;
    std::string key_;
};

} // namespace wakegate::wire
