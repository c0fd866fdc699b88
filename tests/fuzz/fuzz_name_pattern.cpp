#include "common/configuration_error.hpp"
#include "proxy/route/name_pattern.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>

using namespace wakegate;

namespace {

bool is_label(std::string_view value) {
    const auto is_alphanumeric = [](char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
    };
    return !value.empty() && value.size() <= 63 && is_alphanumeric(value.front()) &&
           is_alphanumeric(value.back()) && std::all_of(value.begin(), value.end(), [&](char byte) {
               return is_alphanumeric(byte) || byte == '-';
           });
}

void check(const proxy::name_pattern& pattern, std::string_view text) {
    const auto values = pattern.match(text);
    if (!values) {
        return;
    }
    const auto names = pattern.names();
    fuzz::require(values->size() == names.size(), "a match binds every name");
    proxy::name_bindings bound;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto& [name, value] = (*values)[i];
        fuzz::require(name == names[i], "values come in the pattern's order");
        fuzz::require(is_label(value), "a value is one label of a DNS name");
        fuzz::require(bound.bind(name, value), "a pattern has each name once");
    }
}

} // namespace

/// Input: one byte for the style, the pattern, a new line, the text of a client.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using style = proxy::name_pattern::style;
    constexpr style styles[] = {style::text, style::host_name, style::plain};
    if (size == 0) {
        return 0;
    }
    const auto bytes = fuzz::as_text(data + 1, size - 1);
    const auto line_end = bytes.find('\n');
    if (line_end == std::string_view::npos) {
        return 0;
    }
    try {
        const auto chosen = styles[data[0] % std::size(styles)];
        check(
            proxy::name_pattern::parse(bytes.substr(0, line_end), chosen),
            bytes.substr(line_end + 1)
        );
    } catch (const configuration_error&) {
        return 0; // a malformed pattern, found at load time
    }
    return 0;
}
