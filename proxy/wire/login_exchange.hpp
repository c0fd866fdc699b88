#pragma once

#include "proxy/wire/frame_walker.hpp"

#include <cstdint>
#include <string_view>

namespace wakegate::wire {

/// Which side a login waits for: the client, from the end of an authentication request that wants
/// an answer to the end of that answer; else the server (protocol, "Start-up").
///
/// Feed every byte in the order it passes, beginning with the server's first byte after the startup
/// message, in pieces of any size, until the login is over. Lives on one thread; never fails and
/// keeps no byte. After a length no message can have, that side's bytes count for nothing: a client
/// that wrote it still owes its answer, a server that wrote it asks for none.
class login_exchange {
public:
    void client_sent(std::string_view data) noexcept;
    void server_sent(std::string_view data) noexcept;

    /// The server has asked for something, and the client has not answered in full.
    [[nodiscard]] bool client_owes_answer() const noexcept;

private:
    struct client_frames;
    struct server_frames;

    void read_request_kind(std::string_view piece, bool last_piece) noexcept;
    void cancel_requests() noexcept;

    frame_walker client_;
    frame_walker server_;
    std::uint32_t requests_ = 0; ///< of the server's, complete, that want an answer
    std::uint32_t answers_ = 0;  ///< messages of the client's, complete
    std::uint32_t kind_ = 0;     ///< of the authentication request under way, as far as it is known
    std::uint8_t kind_bytes_ = 0;
    bool client_desynchronised_ = false;
    bool server_desynchronised_ = false;
};

} // namespace wakegate::wire
