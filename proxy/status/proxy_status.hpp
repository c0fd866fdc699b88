#pragma once

#include "common/clock.hpp"
#include "proxy/status/cluster_groups.hpp"
#include "proxy/status/sleep_explanation.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace wakegate::proxy {

struct cluster_status {
    std::string name;
    duration state_age{}; ///< how long the state of `facts` has lasted
    sleep_facts facts;
    cluster_groups groups;
};

struct scaler_status {
    std::string address;
    bool connected = false;
    std::string reason; ///< why not
};

/// What the proxy shows on /status and /status.json: names, addresses and numbers, never
/// a query or a secret.
struct proxy_status {
    std::string name; ///< empty: it has none
    std::string version;
    duration uptime{};
    bool draining = false;
    std::vector<scaler_status> scalers;
    std::size_t clients = 0; ///< connections in any phase
    std::size_t max_clients = 0;
    std::size_t workers = 0;
    std::size_t threads = 0;         ///< that have sessions
    std::size_t missing_threads = 0; ///< of them: did not answer in time
    std::vector<cluster_status> clusters;
};

/// For people, in plain text, without control characters.
[[nodiscard]] std::string status_text(const proxy_status& status);

/// The same for programs, one JSON object.
[[nodiscard]] std::string status_json(const proxy_status& status);

} // namespace wakegate::proxy
