#include "proxy/gate/gate_error.hpp"

namespace wakegate::proxy {

gate_error timeout_error(hold_cause cause) noexcept {
    switch (cause) {
    case hold_cause::no_scaled_object:
        return gate_error::no_scaled_object;
    case hold_cause::no_scaler:
        return gate_error::no_scaler;
    case hold_cause::turned_away:
        return gate_error::turned_away;
    case hold_cause::unconfirmed:
        return gate_error::unconfirmed;
    case hold_cause::full:
        return gate_error::full;
    case hold_cause::logins:
        return gate_error::logins;
    case hold_cause::waking:
        break;
    }
    return gate_error::hold_timeout;
}

} // namespace wakegate::proxy
