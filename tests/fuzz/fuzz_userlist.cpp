#include "common/configuration_error.hpp"
#include "proxy/auth/userlist.hpp"
#include "tests/fuzz/require.hpp"

#include <string>

using namespace wakegate;

namespace {

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char byte : text) {
        result.append(byte == '"' ? 2 : 1, byte);
    }
    return result + "\"";
}

std::string text_of(const auth::role_secret& secret) {
    const auto* const password = std::get_if<auth::secret_text>(&secret);
    return password != nullptr ? std::string(password->view())
                               : std::get<auth::scram_verifier>(secret).text();
}

} // namespace

/// Input: a file of roles and secrets.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const auto secrets = auth::parse_userlist(fuzz::as_text(data, size), "userlist.txt");
        std::string written;
        for (const auto& [role, secret] : secrets) {
            written += quoted(role) + " " + quoted(text_of(secret)) + "\n";
        }
        const auto second_pass = auth::parse_userlist(written, "userlist.txt");
        fuzz::require(
            second_pass.size() == secrets.size(), "what was read can be written and read"
        );
        for (const auto& [role, secret] : secrets) {
            fuzz::require(text_of(second_pass.at(role)) == text_of(secret), "to the byte");
        }
    } catch (const configuration_error& error) {
        const std::string_view reason = error.what();
        fuzz::require(reason.starts_with("userlist.txt:"), "an error names file and line");
    }
    return 0;
}
