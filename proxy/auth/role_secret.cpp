#include "proxy/auth/role_secret.hpp"

#include "common/configuration_error.hpp"

namespace wakegate::auth {

namespace {

/// "md5" and 32 hexadecimal digits; any other text that begins so is a password.
bool is_md5(std::string_view text) {
    constexpr std::string_view prefix = "md5";
    constexpr std::size_t digits = 32;
    return text.size() == prefix.size() + digits && text.starts_with(prefix) &&
           text.find_first_not_of("0123456789abcdef", prefix.size()) == std::string_view::npos;
}

} // namespace

role_secret
read_role_secret(std::string_view text, std::string_view role, const std::string& place) {
    const auto fail = [&](const std::string& reason) {
        throw configuration_error(place + ": role \"" + std::string(role) + "\": " + reason);
    };
    if (text.empty()) {
        fail("the secret is empty: give a SCRAM-SHA-256 verifier or a password, or remove the role"
        );
    }
    if (text.size() > max_secret_size) {
        fail("the secret is longer than " + std::to_string(max_secret_size) + " bytes");
    }
    if (is_md5(text)) {
        fail("an md5 hash can't be used for `auth: scram`: set the password again with "
             "password_encryption = 'scram-sha-256' and copy the verifier from pg_authid, or let "
             "the server decide with `auth: passthrough`");
    }
    if (!scram_verifier::has_scram_prefix(text)) {
        return secret_text(text);
    }
    auto verifier = scram_verifier::parse(text);
    if (!verifier) {
        fail("the SCRAM-SHA-256 verifier is damaged: copy it anew from pg_authid.rolpassword");
    }
    return *std::move(verifier);
}

} // namespace wakegate::auth
