#include "proxy/auth/verifier_cache.hpp"
#include "tests/fuzz/require.hpp"

using namespace wakegate;

/// Input: a cache file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::as_text(data, size);
    const auto result = auth::parse_verifier_cache(text);
    if (const auto* const reason = std::get_if<std::string>(&result)) {
        fuzz::require(reason->starts_with("line "), "an error names its line");
        return 0;
    }
    const auto& roles = std::get<std::vector<auth::cached_verifier>>(result);
    fuzz::require(auth::write_verifier_cache(roles) == text, "a cache has one spelling");
    return 0;
}
