#pragma once

#include "common/clock.hpp"
#include "proxy/relay/connection_loss.hpp"
#include "proxy/relay/login_limit.hpp"
#include "proxy/relay/relay_owner.hpp"
#include "proxy/tls/tls_stream.hpp"
#include "proxy/wire/protocol_tracker.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wakegate::proxy {

enum class relay_side : std::uint8_t { client, server };

constexpr relay_side other(relay_side side) noexcept {
    return side == relay_side::client ? relay_side::server : relay_side::client;
}

/// One session between its two sockets: moves bytes unchanged both ways and lets a
/// `protocol_tracker` follow them. Has no buffer of its own: it reads into the loop's, and keeps
/// only what a slow reader refuses, at most one read; then the other side is not read until that is
/// sent.
///
/// A side may speak TLS. What is encrypted for it and refused by the socket is kept by its stream:
/// one read, and TLS's own records up to a bound from which on it is not read (`tls_stream`).
///
/// A session that ends between two transactions closes its server's connection at once, and sends
/// the client the final error as the answer to its next query, or after a short silence. Not at
/// once: the client may read it together with the ReadyForQuery before it, and libpq takes an error
/// that comes so for a notice; its next statement then fails without a reason.
///
///     login    ──▶ relaying  the first ReadyForQuery; TLS passthrough: at once
///              ──▶ closing   the client's login time is over, or the server ends
///     relaying ──▶ closing   the server ends, or the proxy drains and no transaction is open
///     closing  ──▶ over      the client has received everything, or took too long for it
///     any      ──▶ over      both sides have ended, or the client can't be written to
///
/// While closing, nothing passes any more, and the client is still read. The client's end alone is
/// passed on and changes no state.
///
/// Edge-triggered: the loop passes epoll's events to `on_events` and calls it again, without
/// events, as long as it returns `more`. Lives on the relay's thread.
class duplex {
public:
    enum class progress {
        waiting, ///< nothing to do before the next event
        more,    ///< the turn's share is used up; others first
        over,    ///< destroy it
    };

    explicit duplex(relay_start start);
    duplex(const duplex&) = delete;
    duplex& operator=(const duplex&) = delete;
    ~duplex();

    [[nodiscard]] int descriptor(relay_side side) const noexcept;

    [[nodiscard]] server_group group() const noexcept { return owner_->group(); }

    void add_to(session_tally& tally) const noexcept { owner_->add_to(tally); }

    /// Passes on what the server had sent before the session came here. Once, before any event.
    [[nodiscard]] progress start(time_point now);
    /// `events`: epoll's bits for `side`; 0 to go on after `more`. `buffer` is scratch.
    [[nodiscard]] progress
    on_events(relay_side side, std::uint32_t events, std::span<char> buffer, time_point now);

    /// The proxy shuts down: end as soon as no transaction is open and the client has hung up or
    /// has received everything. `over` means now.
    [[nodiscard]] progress drain(time_point now);
    /// The loop ends: a final error that waits for the client's next query is sent now.
    void send_pending_error(time_point now);

    /// Bytes wait for room at one of the sides, or may do so any time inside TLS: from now on the
    /// loop has to report when a side is writable, too.
    [[nodiscard]] bool wants_write() const noexcept;

    /// It has a `due`.
    [[nodiscard]] bool is_timed() const noexcept { return timed_; }

    /// When to call `on_due`, if nothing else changes that before; `time_point::max()` for never.
    [[nodiscard]] time_point due() const noexcept {
        return timers_ ? timers_->due : time_point::max();
    }

    /// Ends what took too long: a client that owes its login an answer, or does not hang up.
    [[nodiscard]] progress on_due(time_point now);

private:
    /// Bytes from one socket to the other.
    struct flow_state {
        bool readable : 1 = false;    ///< the source may have bytes: epoll has reported an edge
        bool hanging_up : 1 = false;  ///< the source's end has been reported: read until it
        bool exhausted : 1 = false;   ///< the source has ended, or is not read any more
        bool sink_closed : 1 = false; ///< nothing more goes to the sink; what comes is dropped
        bool blocked : 1 = false;     ///< some bytes are kept: read, but refused by the sink so far
        bool source_tls : 1 = false;  ///< speaks TLS
        bool sink_tls : 1 = false;
    };

    /// Of a session that is logging in or closing; allocated apart, since most are neither.
    struct timers {
        std::optional<login_limit> login;
        std::string final_error; ///< to be sent to the client while closing; may be empty
        time_point due = time_point::max();
        time_point close_deadline = time_point::max(); ///< of closing
    };

    [[nodiscard]] flow_state& flow_from(relay_side side) noexcept;
    [[nodiscard]] flow_state& flow_into(relay_side side) noexcept;
    [[nodiscard]] std::unique_ptr<std::string>& pending_from(relay_side side) noexcept;
    [[nodiscard]] progress pump(relay_side from, std::span<char> buffer, time_point now);
    template <bool any_tls>
    [[nodiscard]] progress pump_between(relay_side from, std::span<char> buffer, time_point now);
    [[nodiscard]] tls::tls_stream& tls_of(relay_side side) const noexcept;
    /// The source's next bytes, in `buffer`; none when it has no more now, or has ended.
    template <bool any_tls>
    [[nodiscard]] std::string_view receive(relay_side from, std::span<char> buffer);
    /// `error`: errno of a read without bytes; 0 at the source's end.
    void stop_reading(relay_side from, int error) noexcept;
    void send(relay_side from, std::string_view data);
    void send_plain(relay_side from, std::string_view data);
    void flush(relay_side from);
    /// `result` of giving bytes to a TLS sink.
    void note_delivery(relay_side from, tls::tls_stream::progress result);
    void observe(relay_side from, std::string_view data, time_point now);
    /// Instead of tracking: finds the client's next query, if a final error waits for it.
    void observe_while_closing(relay_side from, std::string_view data, time_point now);
    void end_flow(relay_side from, time_point now);
    void report_server_loss(time_point now);
    void observe_login(relay_side from, std::string_view data) noexcept;
    void update_login_limit(time_point now) noexcept;
    [[nodiscard]] progress end_login(time_point now);
    /// Closes the server's connection, and sends the error when the client can tell it from a
    /// notice.
    void send_final_error_later(std::string final_error, time_point now);
    [[nodiscard]] bool owes_final_error() const noexcept;
    /// Sends the error, closes the server's connection, and waits until the client has read it.
    void send_final_error(const std::string& final_error, time_point now);
    void close_server() noexcept;
    [[nodiscard]] progress continue_closing(time_point now);
    void begin_closing(time_point due, time_point close_deadline);
    void set_due(time_point at) noexcept;
    void drop_timers() noexcept;
    [[nodiscard]] bool is_over() const noexcept;

    // What every message touches comes first and fits one cache line: with many sessions, cache
    // misses are what a relayed message costs beside its system calls.
    file_descriptor client_;
    file_descriptor server_;
    std::unique_ptr<relay_owner> owner_;
    flow_state from_client_;
    flow_state from_server_;
    bool logged_in_ : 1 = false;
    bool busy_ : 1 = false; ///< as last reported to the owner
    bool listening_ : 1 = false;
    bool draining_ : 1 = false;
    bool client_gone_ : 1 = false;     ///< can't be written to: the session is over
    bool closing_ : 1 = false;         ///< nothing is relayed any more
    bool has_tls_ : 1 = false;         ///< at least one side speaks TLS
    bool tls_passthrough_ : 1 = false; ///< between the sides; nothing can be tracked
    bool timed_ : 1 = false;
    connection_loss loss_; ///< of either side: a lost client gets no error
    wire::protocol_tracker tracker_;
    std::unique_ptr<std::string> pending_from_client_; ///< null unless blocked
    std::unique_ptr<std::string> pending_from_server_;
    std::unique_ptr<tls::tls_stream> client_tls_;
    std::unique_ptr<tls::tls_stream> server_tls_;
    std::unique_ptr<timers> timers_; ///< null: no deadline
};

} // namespace wakegate::proxy
