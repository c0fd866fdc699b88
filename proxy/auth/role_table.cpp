#include "proxy/auth/role_table.hpp"

#include <utility>

namespace wakegate::auth {
namespace {

role_entry make_entry(const role_secret& secret, const std::function<std::string()>& make_salt) {
    if (const auto* verifier = std::get_if<scram_verifier>(&secret)) {
        return {.verifier = *verifier};
    }
    const auto& password = std::get<secret_text>(secret);
    return {
        .verifier = scram_verifier::derive(
            password.view(), make_salt(), scram_verifier::default_iterations
        ),
        .password = password,
    };
}

bool has_password(const role_entry& entry, const role_secret& secret) {
    const auto* password = std::get_if<secret_text>(&secret);
    return password != nullptr && entry.password && entry.password->view() == password->view();
}

} // namespace

role_table::role_table(
    const role_secrets& secrets,
    const std::function<std::string()>& make_salt,
    const role_table* previous
) {
    for (const auto& [role, secret] : secrets) {
        const auto* const entry = previous != nullptr ? previous->find(role) : nullptr;
        const bool is_same = entry != nullptr && has_password(*entry, secret);
        roles_.emplace(role, is_same ? *entry : make_entry(secret, make_salt));
    }
}

role_table::role_table(
    const std::vector<cached_verifier>& from_server,
    const std::vector<std::string>& without_verifier
)
    : without_verifier_(without_verifier.begin(), without_verifier.end()) {
    for (const auto& row : from_server) {
        roles_.emplace(
            row.role, role_entry{.verifier = row.verifier, .valid_until = row.valid_until}
        );
    }
}

const role_entry* role_table::find(std::string_view role) const noexcept {
    const auto found = roles_.find(role);
    return found == roles_.end() ? nullptr : &found->second;
}

} // namespace wakegate::auth
