#include "scaler/reference.hpp"

#include <array>

namespace wakegate::scaler {
namespace {

using enum value_type;

constexpr auto keys = std::to_array<configuration_key>({
    {.path = "listen",
     .type = listen_address,
     .default_value = "127.0.0.1:9411",
     .text = "gRPC without TLS: externalscaler.ExternalScaler for KEDA, wakegate.DemandReports for "
             "proxies, health and reflection; every address that a name has, *:PORT: every address "
             "of the machine"},
    {.path = "admin",
     .type = mapping,
     .text = "HTTP for operators: /metrics /healthz /readyz /status /status.json"},
    {.path = "admin.address",
     .type = listen_address,
     .default_value = required,
     .text = "not for clients: reachable by operators only"},
    {.path = "admin.token_file",
     .type = path,
     .unit = "FILE",
     .text = "one line of 32 bytes or more, made by `openssl rand -hex 32`: who shows it may wake "
             "clusters and put them to sleep by hand. Read anew for each order; without it nobody "
             "may"},
    {.path = "log", .type = mapping},
    {.path = "log.format", .type = choice, .choices = "text | json", .default_value = "text"},
    {.path = "log.level",
     .type = choice,
     .choices = "debug | info | warning | error",
     .default_value = "info"},
    {.path = "expected_proxies",
     .type = number,
     .unit = "proxies",
     .lowest = 1,
     .highest = 10'000,
     .default_value = "1",
     .text = "how many must hold a lease before the absence of demand is believed; when it is "
             "given, start-up ends as soon as so many have reported"},
    {.path = "settle_time",
     .type = period,
     .default_value = "15s",
     .text = "after the start, how long no cluster is called idle"},
    {.path = "grace",
     .type = period,
     .default_value = "60s",
     .text = "how long the last counts of a proxy stand whose lease has lapsed"},
    {.path = "activity_window",
     .type = period,
     .lowest = 1'000,
     .default_value = "60s",
     .text = "how long the last activity counts as demand; a trigger's activityWindow overrides it"
    },
    {.path = "repeat_first",
     .type = period,
     .lowest = 100,
     .default_value = "2s",
     .text = "while clients wait and the cluster is not up, when activation is pushed again"},
    {.path = "repeat_lowest",
     .type = period,
     .lowest = 100,
     .default_value = "5s",
     .text = "after that it is pushed again at random intervals of at least this"},
    {.path = "repeat_highest",
     .type = period,
     .lowest = 100,
     .default_value = "10s",
     .text = "... and at most this"},
    {.path = "drain_timeout",
     .type = period,
     .default_value = "5s",
     .text = "after SIGTERM, how long calls under way may take"},
});

} // namespace

std::span<const configuration_key> configuration_keys() noexcept {
    return keys;
}

} // namespace wakegate::scaler
