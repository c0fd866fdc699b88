#pragma once

#include "common/log.hpp"

#include <string>

namespace wakegate::proxy {

/// Who a session is, for the log: the names are what its client says, proved with `auth: scram`
/// alone, and each is cut to the 63 bytes that a server keeps of it. Where TLS passes through there
/// are none.
struct session_identity {
    std::string peer; ///< address and port; empty until somebody has to be told it
    std::string role;
    std::string database; ///< as the client names it, whatever a route makes of it
    std::string application_name;

    /// Adds what is known of it to a line.
    void add_to(log::event& line) const;
    /// The same without its peer.
    void add_names_to(log::event& line) const;
};

} // namespace wakegate::proxy
