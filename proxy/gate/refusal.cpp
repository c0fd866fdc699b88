#include "proxy/gate/refusal.hpp"

namespace wakegate::proxy {

std::string_view to_string(hold_cause cause) noexcept {
    switch (cause) {
    case hold_cause::waking:
        return "waking";
    case hold_cause::turned_away:
        return "turned_away";
    case hold_cause::unconfirmed:
        return "unconfirmed";
    case hold_cause::full:
        return "full";
    case hold_cause::logins:
        return "logins";
    }
    return "unknown";
}

refusal refusal_for(hold_cause cause) noexcept {
    switch (cause) {
    case hold_cause::turned_away:
        return refusal::turned_away;
    case hold_cause::unconfirmed:
        return refusal::unconfirmed;
    case hold_cause::full:
        return refusal::full;
    case hold_cause::logins:
        return refusal::logins;
    case hold_cause::waking:
        break;
    }
    return refusal::hold_timeout;
}

} // namespace wakegate::proxy
