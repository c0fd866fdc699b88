#pragma once

#include "proxy/wire/frame_walker.hpp"
#include "proxy/wire/ping_detector.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace wakegate::wire {

/// Tracks a session by walking the message headers of both directions: is the server working for
/// it, has it logged in, where do messages end. It never changes a byte of theirs, and keeps none
/// beside the BackendKeyData and the names of prepared pings.
///
/// Feed every byte in the order it passes, beginning with the server's first byte after the startup
/// message, in pieces of any size. Cost per call: O(messages); bodies are skipped but for those so
/// short that they may be a ping's. Lives on one thread; never fails: a length no message can have
/// makes it `desynchronised()`, and then `busy()` and `working()` stay true, since unknown is never
/// idle.
///
/// What makes a session busy (protocol, "Message Flow"):
/// - before the first ReadyForQuery: it is logging in;
/// - each Query, FunctionCall and Sync is owed one ReadyForQuery;
/// - Parse, Bind, Describe, Execute, Close and unknown messages since the last Sync are work
///   without an end yet. Flush alone gets no answer and is no work;
/// - the last ReadyForQuery did not say 'I': a transaction is open.
/// During COPY FROM STDIN the server ignores Sync and Flush, so Syncs sent between Execute (or
/// Query) and CopyDone or CopyFail are owed nothing: CopyDone and CopyFail take them back.
///
/// Two things no driver does are over-counted, and the session then stays busy until it ends: a
/// Query between Parse and Sync that the server skips because of an error before it, and further
/// commands in a pipeline behind a COPY FROM STDIN.
///
/// A busy session works, unless all that is under way is a ping, by which a pool checks that the
/// session is alive: a statement which `ping_texts` has, or a blank one, sent by Query or by Parse,
/// Bind, Describe and Execute; or a Sync, Close or DEALLOCATE, which run nothing. It must be sent
/// outside a transaction when nothing else is owed an answer, and is no work from its first byte to
/// its answer. A command that is incomplete and may become a ping is no work either, since the
/// server has not got it yet. A prepared statement is a ping's only while that is certain
/// (`ping_statements`): an SQL PREPARE of its name inside a function or DO block is not visible.
class protocol_tracker {
public:
    /// `pings` outlives this; null: blank statements alone are pings.
    explicit protocol_tracker(const ping_texts* pings = nullptr) noexcept : pings_(pings) {}

    void client_sent(std::string_view data) noexcept;
    void server_sent(std::string_view data) noexcept;

    /// The server owes something, a ping's answer perhaps.
    [[nodiscard]] bool busy() const noexcept;

    /// The server is at work: busy with more than pings.
    [[nodiscard]] bool working() const noexcept { return desynchronised_ || working_; }

    /// The first ReadyForQuery has been seen.
    [[nodiscard]] bool logged_in() const noexcept;
    /// LISTEN was run and DISCARD ALL has not been since. A LISTEN inside a function or DO block
    /// does not show on the wire; UNLISTEN may leave other channels, so it changes nothing.
    [[nodiscard]] bool listening() const noexcept;
    /// The server's stream is between two messages, so that one of ours could stand there.
    [[nodiscard]] bool server_at_boundary() const noexcept;
    /// The last ErrorResponse was FATAL or PANIC: the server ends the session.
    [[nodiscard]] bool server_sent_fatal() const noexcept;
    /// The client sent Terminate.
    [[nodiscard]] bool client_sent_terminate() const noexcept;
    [[nodiscard]] bool desynchronised() const noexcept;
    /// The body of BackendKeyData (process id and secret, 8 to 260 bytes) once it has passed; moves
    /// it out, so it is given once.
    [[nodiscard]] std::string take_key() noexcept;
    [[nodiscard]] bool has_key() const noexcept;

private:
    struct client_frames;
    struct server_frames;

    /// The command that a CopyDone or CopyFail would end.
    enum class copy_candidate : std::uint8_t { none, query, execute };

    [[nodiscard]] std::uint16_t client_began(char type, std::uint32_t body_size) noexcept;
    [[nodiscard]] std::uint16_t classify_use(char type, std::uint32_t body_size) noexcept;
    [[nodiscard]] std::uint16_t classify_command(char type, std::uint32_t body_size) noexcept;
    [[nodiscard]] std::uint16_t
    prefix_of_possible_ping(char type, std::uint32_t body_size) const noexcept;
    void client_prefix(char type, std::string_view piece, bool last_piece) noexcept;
    void classify_prefix(char type, std::string_view prefix) noexcept;
    [[nodiscard]] bool belongs_to_ping(char type, std::string_view prefix) noexcept;
    void begin_command(copy_candidate command) noexcept;
    void cancel_syncs() noexcept;
    [[nodiscard]] std::uint16_t server_began(char type, std::uint32_t body_size) noexcept;
    void server_prefix(char type, std::string_view piece, bool last_piece) noexcept;
    void inspect(char type, std::string_view prefix) noexcept;
    void server_ready(char status) noexcept;
    void rest_if_idle() noexcept;

    // What every message touches comes first: 32 bytes, to share a cache line with the relay's own.
    frame_walker client_;
    frame_walker server_;
    std::uint32_t owed_ = 0;            // ReadyForQuery messages the server still has to send
    std::uint32_t syncs_to_cancel_ = 0; // the last of those owed, sent since `copy_candidate_`
    copy_candidate copy_candidate_ = copy_candidate::none;
    char status_ = 'I'; // of the last ReadyForQuery
    bool unsynced_ = false;
    bool logged_in_ = false;
    bool client_in_pieces_ = false; // a body's prefix is split over reads
    bool server_in_pieces_ = false;
    bool working_ : 1 = true;     // until the login's end
    bool ping_bound_ : 1 = false; // a ping's statement to the unnamed portal, since the last Sync
    bool pings_prepared_ : 1 = false; // some statement is known as a ping
    bool failed_ : 1 = false; // an error since it last rested; the server may skip up to a Sync
    bool listening_ : 1 = false;
    bool server_sent_fatal_ : 1 = false;
    bool client_sent_terminate_ : 1 = false;
    bool desynchronised_ : 1 = false;
    ping_detector pings_;
    std::unique_ptr<std::string> client_pieces_; // null unless there are some
    std::unique_ptr<std::string> server_pieces_;
    std::string key_;
};

} // namespace wakegate::wire
