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

/// One session between its two sockets: moves bytes untouched both ways and lets a
/// `protocol_tracker` watch them pass. Holds no buffer of its own: it reads into the loop's, and
/// keeps only what a slow reader refuses, at most one read; then the other side is not read until
/// that is gone.
///
/// A side may speak TLS. What is encrypted for it and refused by the socket is kept by its stream:
/// one read, and TLS's own records up to a bound from which on it is not read (`tls_stream`).
///
/// A session that ends between two transactions hangs up on its server at once, and tells the
/// client why as the answer to what that asks next, or after a short silence. Not at once: the
/// client may read it together with the ReadyForQuery before it, and libpq takes an error that
/// comes so for a notice; its next statement then fails without a reason.
///
/// Edge-triggered: the loop reports what epoll said with `on_events` and calls it again, without
/// events, as long as the answer is `more`. Lives on the relay's thread.
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

    /// Passes on what the server said before the session came here. Once, before any event.
    [[nodiscard]] progress begin(time_point now);
    /// `events`: epoll's bits for `side`; 0 to go on after `more`. `buffer` is scratch.
    [[nodiscard]] progress
    on_events(relay_side side, std::uint32_t events, std::span<char> buffer, time_point now);

    /// The proxy leaves: end at the next moment when no transaction is open, once the client has
    /// hung up or has all that it was told. `over` means now.
    [[nodiscard]] progress drain(time_point now);
    /// The loop ends: a client that is still to be told why is told now.
    void cut(time_point now);

    /// Some bytes wait for room at one of the sides, or may do so any time in TLS of their own:
    /// from now on the loop has to report that, too.
    [[nodiscard]] bool want_write() const noexcept;

    /// It has a `due`.
    [[nodiscard]] bool is_timed() const noexcept { return timed_; }

    /// When to call `on_due`, if nothing else changes that before; `time_point::max()` for never.
    [[nodiscard]] time_point due() const noexcept {
        return times_ ? times_->due : time_point::max();
    }

    /// Ends what has had its time: a client that owes its login an answer, or does not hang up.
    [[nodiscard]] progress on_due(time_point now);

private:
    /// Bytes from one socket to the other.
    struct flow {
        bool readable : 1 = false;    ///< the source may have bytes; an edge said so
        bool hanging_up : 1 = false;  ///< the source's end is in sight: read until it
        bool exhausted : 1 = false;   ///< the source has ended, or is not heard any more
        bool sink_closed : 1 = false; ///< nothing more goes to the sink; what comes is dropped
        bool blocked : 1 = false;     ///< some bytes are kept: read, but refused by the sink so far
        bool source_secured : 1 = false; ///< speaks TLS
        bool sink_secured : 1 = false;
    };

    /// Of a session that logs in or lingers; kept apart, since most do neither.
    struct times {
        std::optional<login_limit> login;
        std::string final_error; ///< what the client is still to be told while it lingers
        time_point due = time_point::max();
        time_point given_up_at = time_point::max(); ///< what bounds the lingering
    };

    [[nodiscard]] flow& flow_from(relay_side side) noexcept;
    [[nodiscard]] flow& flow_into(relay_side side) noexcept;
    [[nodiscard]] std::unique_ptr<std::string>& kept_from(relay_side side) noexcept;
    [[nodiscard]] progress pump(relay_side from, std::span<char> buffer, time_point now);
    template <bool any_secured>
    [[nodiscard]] progress pump_between(relay_side from, std::span<char> buffer, time_point now);
    [[nodiscard]] tls::tls_stream& secured(relay_side side) const noexcept;
    void send(relay_side from, std::string_view data);
    void send_plain(relay_side from, std::string_view data);
    void flush(relay_side from);
    /// Takes note of what became of bytes that were given to a TLS sink.
    void settle(relay_side from, tls::tls_stream::progress delivered);
    void observe(relay_side from, std::string_view data, time_point now);
    /// For what is relayed no more.
    void overhear(relay_side from, std::string_view data, time_point now);
    void finish(relay_side from, time_point now);
    void explain_loss(time_point now);
    void observe_login(relay_side from, std::string_view data) noexcept;
    void judge_login(time_point now) noexcept;
    [[nodiscard]] progress end_login(time_point now);
    /// Hangs up on the server, and leaves when the client can read why.
    void leave_later(std::string final_error, time_point now);
    [[nodiscard]] bool owes_farewell() const noexcept;
    /// Tells the client, hangs up on the server, and sees to it that the client gets to read it.
    void leave(const std::string& final_error, time_point now);
    void hang_up_on_server() noexcept;
    [[nodiscard]] progress linger_on(time_point now);
    void linger_until(time_point due, time_point given_up_at);
    void set_due(time_point at) noexcept;
    void drop_times() noexcept;
    [[nodiscard]] bool is_over() const noexcept;

    // What every message touches comes first and fits one cache line: with many sessions, lines
    // that have to come from far away are what a relayed message costs beside its system calls.
    file_descriptor client_;
    file_descriptor server_;
    std::unique_ptr<relay_owner> owner_;
    flow from_client_;
    flow from_server_;
    bool logged_in_ : 1 = false;
    bool busy_ : 1 = false; ///< as last told to the owner
    bool listening_ : 1 = false;
    bool draining_ : 1 = false;
    bool client_gone_ : 1 = false;     ///< can't be written to: nobody is left to serve
    bool lingering_ : 1 = false;       ///< nothing comes from the server; the client knows, or will
    bool secured_ : 1 = false;         ///< one side at least speaks TLS
    bool tls_passthrough_ : 1 = false; ///< with the other; there is no conversation
    bool timed_ : 1 = false;
    connection_loss loss_; ///< of either side: a client that is lost is told nothing
    wire::protocol_tracker tracker_;
    std::unique_ptr<std::string> kept_from_client_; ///< null unless stuck
    std::unique_ptr<std::string> kept_from_server_;
    std::unique_ptr<tls::tls_stream> client_tls_;
    std::unique_ptr<tls::tls_stream> server_tls_;
    std::unique_ptr<times> times_; ///< null: nothing bounds it
};

} // namespace wakegate::proxy
