#include "proxy/wire/proxy_header.hpp"
#include "tests/fuzz/decoding.hpp"

#include <functional>

using namespace wakegate;

/// Input: see `decode_input`; what a sender writes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using decoder = wire::proxy_header_decoder;
    const auto found = fuzz::decode_input<decoder>(data, size, std::equal_to());
    if (!found.result) {
        return 0;
    }
    constexpr auto most = 16 + decoder::max_length;
    fuzz::require(found.input.size() <= most, "headers are bounded");
    if (const auto* const proxied = std::get_if<wire::proxied_connection>(&*found.result)) {
        const auto written = wire::proxy_header_for(*proxied);
        const auto read_back = fuzz::decode<decoder>(written);
        fuzz::require(
            read_back.result && *read_back.result == *found.result, "what is written is read"
        );
    }
    return 0;
}
