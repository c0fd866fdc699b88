#include "proxy/auth/role_book.hpp"

#include <utility>

namespace wakegate::auth {
namespace {

known_role make_known(const role_secret& secret, const std::function<std::string()>& fresh_salt) {
    if (const auto* verifier = std::get_if<scram_verifier>(&secret)) {
        return {.verifier = *verifier};
    }
    const auto& password = std::get<secret_text>(secret);
    return {
        .verifier = scram_verifier::derive(
            password.view(), fresh_salt(), scram_verifier::default_iterations
        ),
        .password = password,
    };
}

} // namespace

role_book::role_book(const role_secrets& secrets, const std::function<std::string()>& fresh_salt) {
    for (const auto& [role, secret] : secrets) {
        roles_.emplace(role, make_known(secret, fresh_salt));
    }
}

const known_role* role_book::find(std::string_view role) const noexcept {
    const auto found = roles_.find(role);
    return found == roles_.end() ? nullptr : &found->second;
}

} // namespace wakegate::auth
