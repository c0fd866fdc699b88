#pragma once

#include "common/log.hpp"

#include <string>

namespace wakegate::proxy {

/// Who a session is, for the log: the names are the client's claims, proved only with `auth:
/// scram`, each truncated to 63 bytes as by the server. Empty where TLS passes through.
struct session_identity {
    std::string peer; ///< address and port; empty until needed
    std::string role;
    std::string database; ///< as the client names it, before a route renames it
    std::string application_name;

    /// Adds its known fields to a line.
    void add_to(log::event& line) const;
    /// The same without its peer.
    void add_names_to(log::event& line) const;
};

} // namespace wakegate::proxy
