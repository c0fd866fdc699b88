#pragma once

#include "proxy/gate/hold_cause.hpp"

#include <cstddef>
#include <cstdint>

namespace wakegate::proxy {

/// Why the gate refuses a client, with the SQLSTATE that the client gets.
enum class gate_error {
    // The deadline passed while the client waited, each for the cause of that name.
    hold_timeout,     ///< `waking`: 57P03
    no_scaled_object, ///< 57P03
    no_scaler,        ///< 57P03
    turned_away,      ///< 57P03
    unconfirmed,      ///< 57P03
    logins,           ///< 57P03
    full,             ///< 53300; with `refuse_when_full` at once

    queue_full,   ///< `max_waiting` of the cluster or of the proxy: 53300
    draining,     ///< the proxy is shutting down: 57P03
    may_not_wake, ///< the cluster is asleep, and the client is not to wake it: 57P03
};

/// The error of a client whose deadline passes while it is held for this cause.
[[nodiscard]] gate_error timeout_error(hold_cause cause) noexcept;

struct gate_refusal {
    gate_error error = gate_error::hold_timeout;
    std::size_t connections = 0; ///< of `gate_error::full`: how many the cluster has in all

    friend bool operator==(const gate_refusal&, const gate_refusal&) = default;
};

enum class wait_outcome : std::uint8_t {
    admitted,  ///< the session may dial, and owes the gate one `closed` or `requeue`
    refused,   ///< see `admission::refusal`
    cancelled, ///< the client hung up while it waited
};

/// How a client's wait at the gate ended.
struct admission {
    wait_outcome outcome = wait_outcome::admitted;
    gate_refusal refusal = {}; ///< of `wait_outcome::refused`

    friend bool operator==(const admission&, const admission&) = default;
};

} // namespace wakegate::proxy
