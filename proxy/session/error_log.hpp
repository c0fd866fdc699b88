#pragma once

#include "proxy/gate/session_identity.hpp"
#include "proxy/gate/wait_queue.hpp"
#include "proxy/session/client_error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// What the log gets of a refused session beside the error. Empty fields are left out.
struct error_log_fields {
    std::string_view cluster = {};
    std::optional<wakegate::proxy::ticket> ticket = std::nullopt; ///< absent before the gate
    const session_identity* client = nullptr; ///< without its peer; outlives the sending
    std::string_view cause = {};              ///< a literal
    bool logged = false;                      ///< already, or must not be
};

/// One line: `event`, the client's address, `fields` and what the client reads.
void log_client_error(
    std::string_view event,
    const std::string& peer,
    const client_error& error,
    const error_log_fields& fields
);

} // namespace wakegate::proxy
