#pragma once

#include <cstdint>
#include <string>

namespace wakegate::proxy {

/// Why a startup message leads to no cluster.
enum class route_errc : std::uint8_t {
    no_route,            ///< `subject`: the database
    no_route_for_server, ///< TLS passes through; `subject`: the server name, nothing else known
    contradicting_names, ///< server name, database, user and options; `subject` names them
};

struct route_error {
    route_errc code{};
    std::string subject = {};
};

} // namespace wakegate::proxy
