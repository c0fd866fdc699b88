#pragma once

#include "proxy/gate/hold_cause.hpp"

#include <cstddef>
#include <cstdint>

namespace wakegate::proxy {

/// Why the gate refuses a client, with the client's SQLSTATE.
enum class gate_error {
    // The client's deadline passed while it was held for the cause of that name.
    hold_timeout,     ///< `waking`: 57P03
    no_scaled_object, ///< 57P03
    no_scaler,        ///< 57P03
    turned_away,      ///< 57P03
    unconfirmed,      ///< 57P03
    logins,           ///< 57P03
    full,             ///< 53300; at once with `refuse_when_full`

    queue_full,   ///< `max_waiting` of the cluster or of the proxy: 53300
    draining,     ///< the proxy is shutting down: 57P03
    may_not_wake, ///< the cluster is asleep, and the client may not wake it: 57P03
};

/// The error of a client whose deadline passes while this cause holds it.
[[nodiscard]] gate_error timeout_error(hold_cause cause) noexcept;

struct gate_refusal {
    gate_error error = gate_error::hold_timeout;
    std::size_t connections = 0; ///< for `gate_error::full`: all that the cluster has

    friend bool operator==(const gate_refusal&, const gate_refusal&) = default;
};

enum class wait_outcome : std::uint8_t {
    admitted,  ///< the session may connect; call `closed` or `requeue` once
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
