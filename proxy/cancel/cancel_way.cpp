#include "proxy/cancel/cancel_way.hpp"

#include "proxy/cancel/short_key.hpp"

#include <utility>

namespace wakegate::proxy {

cancel_way find_cancel_way(
    const cancel_secrets& secrets,
    const cancel_question& asked,
    const std::function<bool(std::string_view)>& is_known
) {
    if (const auto found = parse_short_key(secrets, asked.key)) {
        if (!found->authentic) {
            return drop_cancel{};
        }
        if (found->whose.replica == asked.our_replica) {
            return cancel_session{found->whose.session};
        }
        if (asked.from_replica) {
            return drop_cancel{}; // replicas disagree on who is who; no going round in circles
        }
        return ask_replica{found->whose.replica};
    }
    auto target = open_cancel_key(secrets, asked.key);
    if (!target || !is_known(target->cluster)) {
        return drop_cancel{};
    }
    return *std::move(target);
}

} // namespace wakegate::proxy
