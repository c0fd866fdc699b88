#include "proxy/config/reference.hpp"

#include <array>

namespace wakegate::proxy {
namespace {

using enum value_type;

constexpr auto keys = std::to_array<configuration_key>({
    {.path = "routes",
     .type = mappings,
     .text = "the first that fits decides; with one cluster they may be left out. A {name} in "
             "listener, sni, database or user matches one label of a DNS name and stands for it in "
             "cluster, backend and backend_database: sni \"{client}.db.example.com\" with cluster "
             "\"{client}-prod\""},
    {.path = "routes[].listener",
     .type = text,
     .unit = "NAME",
     .text = "the listener that the client came by; without it any"},
    {.path = "routes[].sni",
     .type = text,
     .unit = "PATTERN",
     .text = "the server name of the client's TLS; a client without one says "
             "options=--cluster=NAME"},
    {.path = "routes[].database",
     .type = text,
     .unit = "PATTERN",
     .text = "the database that the client asks for; without it any"},
    {.path = "routes[].user",
     .type = text,
     .unit = "PATTERN",
     .text = "the role that the client asks for; without it any"},
    {.path = "routes[].cluster",
     .type = text,
     .unit = "NAME",
     .default_value = required,
     .text = "where the client goes"},
    {.path = "routes[].backend",
     .type = address,
     .default_value = "(the cluster's)",
     .text = "another server of this cluster"},
    {.path = "routes[].backend_database",
     .type = text,
     .unit = "NAME",
     .default_value = "(the client's)",
     .text = "what the server is asked for instead"},
});

} // namespace

std::span<const configuration_key> route_keys() noexcept {
    return keys;
}

} // namespace wakegate::proxy
