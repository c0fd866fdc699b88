#include "proxy/auth/role_table.hpp"

#include <utility>

namespace wakegate::auth {
namespace {

role_entry make_known(const role_secret& secret, const std::function<std::string()>& fresh_salt) {
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

bool has_password(const role_entry& known, const role_secret& secret) {
    const auto* password = std::get_if<secret_text>(&secret);
    return password != nullptr && known.password && known.password->view() == password->view();
}

} // namespace

role_table::role_table(
    const role_secrets& secrets,
    const std::function<std::string()>& fresh_salt,
    const role_table* before
) {
    for (const auto& [role, secret] : secrets) {
        const auto* const known = before != nullptr ? before->find(role) : nullptr;
        const bool is_same = known != nullptr && has_password(*known, secret);
        roles_.emplace(role, is_same ? *known : make_known(secret, fresh_salt));
    }
}

role_table::role_table(
    const std::vector<cached_verifier>& told_by_server,
    const std::vector<std::string>& without_verifier
)
    : without_verifier_(without_verifier.begin(), without_verifier.end()) {
    for (const auto& one : told_by_server) {
        roles_.emplace(
            one.role, role_entry{.verifier = one.verifier, .valid_until = one.valid_until}
        );
    }
}

const role_entry* role_table::find(std::string_view role) const noexcept {
    const auto found = roles_.find(role);
    return found == roles_.end() ? nullptr : &found->second;
}

} // namespace wakegate::auth
