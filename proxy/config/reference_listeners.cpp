#include "proxy/config/reference.hpp"

#include <array>

namespace wakegate::proxy {
namespace {

using enum value_type;

constexpr auto keys = std::to_array<configuration_key>({
    {.path = "listeners",
     .type = named_mappings,
     .default_value = required,
     .text = "where clients connect"},
    {.path = "listeners.NAME", .type = mapping, .text = "the name is for routes and logs"},
    {.path = "listeners.NAME.address",
     .type = listen_address,
     .default_value = required,
     .text = "every address that a name has; *:PORT: every address of the machine"},
    {.path = "listeners.NAME.tls", .type = mapping, .text = "TLS with clients"},
    {.path = "listeners.NAME.tls.mode",
     .type = choice,
     .choices = "off | optional | required | passthrough",
     .default_value = "off",
     .text = "required: clients without TLS get 28000; passthrough: the server terminates TLS, the "
             "gate forwards it unread, and any client wakes the cluster"},
    {.path = "listeners.NAME.tls.certificate",
     .type = path,
     .unit = "PEM FILE",
     .text = "the server's certificate, then its issuers"},
    {.path = "listeners.NAME.tls.key",
     .type = path,
     .unit = "PEM FILE",
     .text = "its private key, without a passphrase"},
    {.path = "listeners.NAME.tls.directory",
     .type = path,
     .unit = "DIRECTORY",
     .text = "instead of both: tls.crt and tls.key in it or in its subdirectories"},
    {.path = "listeners.NAME.tls.client_ca",
     .type = path,
     .unit = "PEM FILE",
     .text = "clients must show a certificate signed by one of these; needs mode: required"},
    {.path = "listeners.NAME.tls.client_roles",
     .type = mappings,
     .text = "which role the holder of a client certificate may log in as; without rules any; "
             "needs client_ca"},
    {.path = "listeners.NAME.tls.client_roles[].name",
     .type = text,
     .unit = "PATTERN",
     .default_value = required,
     .text = "the name in the client's certificate"},
    {.path = "listeners.NAME.tls.client_roles[].role",
     .type = text,
     .unit = "PATTERN",
     .default_value = required,
     .text = "the roles that it may log in as"},
    {.path = "listeners.NAME.tls.cancel",
     .type = choice,
     .choices = "drop | broadcast",
     .default_value = "drop",
     .text = "with mode: passthrough, CancelRequests without TLS (as psql's Ctrl-C) are dropped, "
             "or go to all servers of the listener's sessions"},
    {.path = "listeners.NAME.proxy_protocol",
     .type = mapping,
     .text = "the PROXY protocol, version 2, in front of a client's first message"},
    {.path = "listeners.NAME.proxy_protocol.mode",
     .type = choice,
     .choices = "off | optional | required",
     .default_value = "off",
     .text = "required: connections without a header are closed"},
    {.path = "listeners.NAME.proxy_protocol.trusted",
     .type = texts,
     .unit = "CIDR",
     .text = "networks that may send a header; needed with optional and required"},
    {.path = "listeners.NAME.tcp",
     .type = mapping,
     .text = "how soon vanished clients are noticed; 0: the kernel's default"},
    {.path = "listeners.NAME.tcp.keepalives_idle",
     .type = period,
     .default_value = "30s",
     .text = "silence after which the kernel asks for a sign of life"},
    {.path = "listeners.NAME.tcp.keepalives_interval",
     .type = period,
     .default_value = "10s",
     .text = "between two such requests"},
    {.path = "listeners.NAME.tcp.keepalives_count",
     .type = number,
     .unit = "requests",
     .highest = 127,
     .default_value = "3",
     .text = "unanswered requests after which the session ends"},
    {.path = "listeners.NAME.tcp.user_timeout",
     .type = period,
     .default_value = "60s",
     .text = "how long sent data may stay unacknowledged"},
});

} // namespace

std::span<const configuration_key> listener_keys() noexcept {
    return keys;
}

} // namespace wakegate::proxy
