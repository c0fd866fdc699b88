#include "proxy/gate/hold_cause.hpp"

namespace wakegate::proxy {

std::string_view to_string(hold_cause cause) noexcept {
    switch (cause) {
    case hold_cause::waking:
        return "waking";
    case hold_cause::no_scaled_object:
        return "no_scaled_object";
    case hold_cause::no_scaler:
        return "no_scaler";
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

hold_cause with_channel(hold_cause cause, wake_channel channel) noexcept {
    if (cause != hold_cause::waking || channel == wake_channel::open) {
        return cause;
    }
    return channel == wake_channel::no_scaled_object ? hold_cause::no_scaled_object
                                                     : hold_cause::no_scaler;
}

} // namespace wakegate::proxy
