#pragma once

#include "common/clock.hpp"
#include "proxy/wire/login_exchange.hpp"

#include <string_view>

namespace wakegate::proxy {

/// Limits the time that a client takes of its own login, in sum: while it owes the server an
/// answer, or does not read what the server sends. The server's time is not counted, however long
/// it takes. Pure: bytes and time come in. One thread.
class login_limit {
public:
    explicit login_limit(duration client_time) : remaining_(client_time) {}

    void client_sent(std::string_view data) noexcept { exchange_.client_sent(data); }

    void server_sent(std::string_view data) noexcept { exchange_.server_sent(data); }

    /// After bytes have passed. `client_blocked`: bytes for it wait for room.
    void update(bool client_blocked, time_point now) noexcept {
        const bool waits_for_client = client_blocked || exchange_.client_owes_answer();
        const bool was_waiting = due_ != time_point::max();
        if (waits_for_client && !was_waiting) {
            due_ = now + remaining_;
        } else if (!waits_for_client && was_waiting) {
            remaining_ = due_ - now;
            due_ = time_point::max();
        }
    }

    /// When the client's time is used up; `time_point::max()` while it is the server's turn.
    [[nodiscard]] time_point due() const noexcept { return due_; }

private:
    wire::login_exchange exchange_;
    duration remaining_; ///< while it is the server's turn
    time_point due_ = time_point::max();
};

} // namespace wakegate::proxy
