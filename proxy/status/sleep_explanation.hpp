#pragma once

#include "common/clock.hpp"
#include "proxy/gate/gate.hpp"
#include "proxy/report/scaler_view.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::proxy {

/// Whether scalers have sent a status of the cluster.
enum class scaler_contact : std::uint8_t {
    none_configured,
    none_connected,
    no_status_yet, ///< connected, but no status of this cluster
    status_known,
};

/// All that is known of whether a cluster may sleep: this proxy's demand, and the scalers' status.
struct sleep_facts {
    gate_state state = gate_state::asleep;
    bool waking = false;
    std::size_t held = 0; ///< clients that may wake it
    std::size_t busy = 0;
    std::size_t idle = 0;
    bool count_idle_sessions = false;     ///< idle_sessions: count
    std::optional<duration> activity_age; ///< since the last activity at this proxy
    scaler_contact contact = scaler_contact::none_configured;
    cluster_status_at_scaler status = {}; ///< when it is known
    time_point now{};
};

enum class awake_reason : std::uint8_t {
    held,
    waking, ///< its clients have left, see `wake_grace`
    busy,
    idle_sessions,
    recent_activity, ///< at any proxy, within the activity window
    scaler,          ///< demand elsewhere: other proxies' clients, operators' orders
};

[[nodiscard]] std::string_view to_string(awake_reason reason) noexcept;

/// Everything known that keeps the cluster awake.
[[nodiscard]] std::vector<awake_reason> awake_reasons(const sleep_facts& facts);

/// The reasons in words: "1 client is held, 2 sessions are busy"; empty when there are none.
[[nodiscard]] std::string explain_awake(const sleep_facts& facts);

/// One sentence, without its full stop: "sleeps in 240 s unless a client comes or a session works",
/// "does not sleep while 1 client is held", or why it is unknown.
[[nodiscard]] std::string explain_sleep(const sleep_facts& facts);

} // namespace wakegate::proxy
