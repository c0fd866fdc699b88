#include "proxy/route/cluster_option.hpp"
#include "tests/fuzz/require.hpp"

using namespace wakegate;

/// Input: the value of the startup message's `options`.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto options = fuzz::as_text(data, size);
    const auto found = proxy::parse_cluster_option(options);
    fuzz::require(found.remaining.size() <= options.size(), "nothing is added");
    fuzz::require(
        found.cluster || found.remaining == options, "options of others stay as they are"
    );
    fuzz::require(found.cluster || !found.is_ambiguous, "only names contradict each other");

    const auto second_pass = proxy::parse_cluster_option(found.remaining);
    fuzz::require(!second_pass.cluster, "the server never sees an option of ours");
    fuzz::require(second_pass.remaining == found.remaining, "what is left is left alone");
    return 0;
}
