#pragma once

#include "proxy/cancel/cancel_secrets.hpp"
#include "proxy/cancel/sealed_key.hpp"

#include <cstdint>
#include <functional>
#include <string_view>
#include <variant>

namespace wakegate::proxy {

/// Nothing is done. The client is never told anything, as the protocol demands (message flow,
/// "Canceling Requests in Progress"), so it learns of no session, cluster or replica.
struct drop_cancel {
    friend bool operator==(const drop_cancel&, const drop_cancel&) = default;
};

/// The session of that number on this replica, if there still is one.
struct cancel_session {
    std::uint32_t number = 0;

    friend bool operator==(const cancel_session&, const cancel_session&) = default;
};

/// Another replica's session: pass the request on to it as it is.
struct ask_replica {
    std::uint32_t replica = 0;

    friend bool operator==(const ask_replica&, const ask_replica&) = default;
};

using cancel_way = std::variant<drop_cancel, cancel_target, cancel_session, ask_replica>;

struct cancel_question {
    std::string_view key;          ///< of the CancelRequest
    bool from_replica = false;     ///< passed on to us already: it goes no further
    std::uint32_t our_replica = 0; ///< as in the keys we make
};

/// What becomes of a CancelRequest with a key of ours. `is_known` says whether a cluster of that
/// name is configured; a sealed key for any other one, removed or of another installation, is
/// dropped. A cancel wakes nothing: whoever follows `cancel_target` asks only an awake cluster.
[[nodiscard]] cancel_way find_cancel_way(
    const cancel_secrets& secrets,
    const cancel_question& asked,
    const std::function<bool(std::string_view)>& is_known
);

} // namespace wakegate::proxy
