#include "proxy/session/waiting_notice.hpp"

#include "proxy/wire/messages.hpp"

#include <fmt/format.h>

#include <chrono>

namespace wakegate::proxy {
namespace {

std::string hint_of_wait(hold_cause cause, std::optional<duration> typical_wake) {
    if (cause == hold_cause::no_scaler) {
        return std::string(no_scaler_connected);
    }
    if (cause == hold_cause::no_scaled_object) {
        return std::string(no_scaled_object_for);
    }
    if (cause == hold_cause::waking && typical_wake) {
        const auto usual = std::chrono::ceil<std::chrono::seconds>(*typical_wake).count();
        return fmt::format("That usually takes {} s.", usual);
    }
    return {};
}

} // namespace

std::string
waiting_notice(hold_cause cause, std::string_view cluster, std::optional<duration> typical_wake) {
    const auto message = [cause, cluster] {
        switch (cause) {
        case hold_cause::turned_away:
            return fmt::format("waiting for cluster \"{}\" to open sessions", cluster);
        case hold_cause::unconfirmed:
            return fmt::format("waiting until the gate finds cluster \"{}\" ready", cluster);
        case hold_cause::full:
            return fmt::format("waiting for a free connection to cluster \"{}\"", cluster);
        case hold_cause::logins:
            return fmt::format("waiting for earlier logins to cluster \"{}\"", cluster);
        case hold_cause::waking:
        case hold_cause::no_scaler:
        case hold_cause::no_scaled_object:
            break;
        }
        return fmt::format("waiting for cluster \"{}\" to wake up", cluster);
    }();
    const auto hint = hint_of_wait(cause, typical_wake);
    return wire::notice_response({.message = message, .hint = hint});
}

} // namespace wakegate::proxy
