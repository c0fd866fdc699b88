#pragma once

#include "proxy/status/proxy_status.hpp"

namespace wakegate::support {

/// A proxy with one cluster that has busy and idle sessions.
inline proxy::proxy_status example_status() {
    using namespace proxy;
    const time_point now{seconds(10'000)};
    return {
        .name = "eu-1",
        .version = "0.1.0",
        .uptime = seconds(11'520),
        .scalers =
            {{.address = "10.0.0.7:9411", .connected = true, .reason = {}},
             {.address = "10.0.0.8:9411", .connected = false, .reason = "Connection refused"}},
        .clients = 5,
        .max_clients = 4'000,
        .workers = 2,
        .threads = 4,
        .clusters =
            {{.name = "app",
              .state_age = seconds(303),
              .facts =
                  {.state = gate_state::ready,
                   .busy = 1,
                   .idle = 4,
                   .activity_age = milliseconds(2'900),
                   .contact = scaler_contact::status_known,
                   .status =
                       {.answer = scaler_answer::active,
                        .reason = "1 busy",
                        .scaled_objects = 1,
                        .sleeps_at = now + seconds(300)},
                   .now = now},
              .groups =
                  {.rows =
                       {{.activity = session_activity::busy,
                         .role = "app",
                         .application_name = "web\n\x1b[2J",
                         .source = "10.0.0.1",
                         .count = 1,
                         .age = milliseconds(125'900)},
                        {.activity = session_activity::idle,
                         .role = "",
                         .application_name = "",
                         .source = "",
                         .wake = wake_class::never,
                         .count = 3,
                         .age = seconds(90'000)}},
                   .others =
                       {{.activity = session_activity::idle, .count = 1, .age = milliseconds(400)}}}
            }},
    };
}

} // namespace wakegate::support
