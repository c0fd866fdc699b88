#pragma once

#include "proxy/gate/session_identity.hpp"
#include "proxy/gate/wait_queue.hpp"
#include "proxy/session/client_error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wakegate::proxy {

/// What the log is told of a refused session and the session is not. What is empty is left out.
struct error_log_fields {
    std::string_view cluster = {};
    std::optional<ticket> who = std::nullopt; ///< one that came to the gate
    const session_identity* client = nullptr; ///< but for its peer; outlives the refusal
    std::string_view cause = {};              ///< a literal
    bool logged = false;                      ///< or is not to be: it gets no line
};

/// One line: `event`, the client's address, what is noted and what the client reads.
void log_refusal(
    std::string_view event,
    const std::string& peer,
    const client_error& text,
    const error_log_fields& notes
);

} // namespace wakegate::proxy
