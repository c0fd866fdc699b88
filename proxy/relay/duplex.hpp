#pragma once

#include "common/clock.hpp"
#include "proxy/relay/relay_owner.hpp"
#include "proxy/wire/conversation.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace wakegate::proxy {

enum class relay_side : std::uint8_t { client, server };

/// One session between its two sockets: moves bytes untouched both ways and lets a `conversation`
/// watch them pass. Holds no buffer of its own: it reads into the loop's, and keeps only what a
/// slow reader refuses, at most one read; then the other side is not read until that is gone.
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

    /// Passes on what the server said before the session came here. Once, before any event.
    [[nodiscard]] progress begin(time_point now);
    /// `events`: epoll's bits for `side`; 0 to go on after `more`. `buffer` is scratch.
    [[nodiscard]] progress
    on_events(relay_side side, std::uint32_t events, std::span<char> buffer, time_point now);

    /// The proxy leaves: end at the next moment when no transaction is open. `over` means now.
    [[nodiscard]] progress drain();

    /// When the server is gone and the client has been told: how long it may take to hang up.
    [[nodiscard]] time_point linger_until() const noexcept { return linger_until_; }

private:
    /// Bytes from one socket to the other.
    struct flow {
        std::string kept;         ///< read, but refused by the sink so far
        bool readable = true;     ///< the source may have bytes; an edge said so
        bool hanging_up = false;  ///< the source's end is in sight: read until it
        bool exhausted = false;   ///< the source has ended
        bool sink_closed = false; ///< nothing more goes to the sink; what comes is dropped
    };

    [[nodiscard]] flow& flow_from(relay_side side) noexcept;
    [[nodiscard]] flow& flow_into(relay_side side) noexcept;
    [[nodiscard]] progress pump(relay_side from, std::span<char> buffer, time_point now);
    void send(relay_side from, std::string_view data);
    void flush(relay_side from);
    void observe(relay_side from, std::string_view data, time_point now);
    void finish(relay_side from, time_point now);
    [[nodiscard]] bool is_over() const noexcept;

    file_descriptor client_;
    file_descriptor server_;
    flow from_client_;
    flow from_server_;
    wire::conversation conversation_;
    std::unique_ptr<relay_owner> owner_;
    time_point linger_until_ = time_point::max();
    bool logged_in_ = false;
    bool busy_ = false; ///< as last told to the owner
    bool listening_ = false;
    bool draining_ = false;
    bool client_gone_ = false; ///< can't be written to: nobody is left to serve
};

} // namespace wakegate::proxy
