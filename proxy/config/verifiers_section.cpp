#include "proxy/config/verifiers_section.hpp"

#include "proxy/session/randomness.hpp"

namespace wakegate::proxy {

std::optional<verifier_settings> read_verifiers(const yaml_map& from) {
    const bool is_scram = from.choice("auth", "passthrough", {"passthrough", "scram"}) == "scram";
    const auto userlist = from.text("userlist", "");
    const auto directory = from.text("secret_directory", "");
    if (!is_scram) {
        for (const auto* const key : {"userlist", "secret_directory"}) {
            if (from.has(key)) {
                from.fail(key, "is read with auth: scram only");
            }
        }
        return std::nullopt;
    }
    if (userlist.empty() == directory.empty()) {
        from.fail("auth", "scram needs either userlist: FILE or secret_directory: DIRECTORY");
    }
    role_files files(userlist, directory, [] {
        return random_bytes(auth::scram_verifier::default_salt_size);
    });
    auto roles = std::make_shared<auth::known_roles>(files.read_if_changed());
    return verifier_settings{.files = std::move(files), .roles = std::move(roles)};
}

} // namespace wakegate::proxy
