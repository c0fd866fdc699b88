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

/// What a proxy knows of the scalers that its demand goes to.
enum class scaler_contact : std::uint8_t {
    none_configured,
    none_connected,
    no_status_yet, ///< connected, and not a word of this cluster yet
    status_known,
};

/// What there is to know of whether a cluster may sleep: this proxy's demand, and what the scaler
/// says of everybody's.
struct sleep_facts {
    gate_state state = gate_state::asleep;
    bool waking = false;
    std::size_t held = 0; ///< of those who may wake it
    std::size_t busy = 0;
    std::size_t idle = 0;
    bool idle_counts = false;             ///< idle_sessions: count
    std::optional<duration> activity_age; ///< the last at this proxy
    scaler_contact contact = scaler_contact::none_configured;
    cluster_status_at_scaler status = {}; ///< when it is known
    time_point now{};
};

enum class awake_reason : std::uint8_t {
    held,
    waking, ///< for nobody who is still here, see `wake_grace`
    busy,
    idle_sessions,
    recent_activity, ///< at any proxy, and the activity window is still open
    scaler,          ///< what this proxy does not see: other proxies' clients, orders by hand
};

[[nodiscard]] std::string_view to_string(awake_reason reason) noexcept;

/// All that keep the cluster awake, as far as is known.
[[nodiscard]] std::vector<awake_reason> awake_reasons(const sleep_facts& facts);

/// They in words: "1 client is held, 2 sessions are busy"; empty when there are none.
[[nodiscard]] std::string explain_awake(const sleep_facts& facts);

/// One sentence, without its full stop: "sleeps in 240 s unless a client comes or a session works",
/// "does not sleep while 1 client is held", or what is in the way of telling it.
[[nodiscard]] std::string explain_sleep(const sleep_facts& facts);

} // namespace wakegate::proxy
