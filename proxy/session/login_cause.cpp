#include "proxy/session/login_cause.hpp"

#include "proxy/session/client_error.hpp"

namespace wakegate::proxy {

std::string_view to_string(login_cause cause) noexcept {
    switch (cause) {
    case login_cause::unknown_role:
        return "unknown_role";
    case login_cause::no_verifier:
        return "no_verifier";
    case login_cause::no_roles_known:
        return "no_roles_known";
    case login_cause::bad_password:
        return "wrong_password";
    case login_cause::expired:
        return "expired";
    case login_cause::throttled:
        return "throttled";
    case login_cause::certificate_not_mapped:
        return "certificate_not_mapped";
    case login_cause::channel_binding:
        return "channel_binding";
    case login_cause::timeout:
        return "timeout";
    case login_cause::protocol:
        return "protocol";
    case login_cause::old_verifier:
        return "old_verifier";
    case login_cause::server_login:
        return "server_login";
    }
    return "unknown";
}

login_cause cause_of_refusal(std::string_view sqlstate, const role_standing& role) noexcept {
    if (sqlstate == "28000") {
        return login_cause::channel_binding;
    }
    if (sqlstate == authentication_too_slow().sqlstate) {
        return login_cause::timeout;
    }
    if (sqlstate != wrong_password) {
        return login_cause::protocol;
    }
    if (role.is_known) { // by a file perhaps, whatever the server has
        return role.has_expired ? login_cause::expired : login_cause::bad_password;
    }
    return role.nobody_is_known  ? login_cause::no_roles_known
           : role.lacks_verifier ? login_cause::no_verifier
                                 : login_cause::unknown_role;
}

std::string_view server_refusal_cause(std::string_view sqlstate) noexcept {
    if (!sqlstate.starts_with("28")) {
        return {};
    }
    return to_string(
        sqlstate == wrong_password ? login_cause::old_verifier : login_cause::server_login
    );
}

} // namespace wakegate::proxy
