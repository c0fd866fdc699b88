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
    explicit login_limit(duration of_client) : left_(of_client) {}

    void client_sent(std::string_view data) noexcept { exchange_.client_sent(data); }

    void server_sent(std::string_view data) noexcept { exchange_.server_sent(data); }

    /// After bytes have passed. `client_is_full`: it leaves no room for more.
    void update(bool client_is_full, time_point now) noexcept {
        const bool waits_for_client = client_is_full || exchange_.client_owes_answer();
        const bool waited = due_ != time_point::max();
        if (waits_for_client && !waited) {
            due_ = now + left_;
        } else if (!waits_for_client && waited) {
            left_ = due_ - now;
            due_ = time_point::max();
        }
    }

    /// When the client's time is over; `time_point::max()` while it is the server's turn.
    [[nodiscard]] time_point due() const noexcept { return due_; }

private:
    wire::login_exchange exchange_;
    duration left_; ///< while it is the server's turn
    time_point due_ = time_point::max();
};

} // namespace wakegate::proxy
