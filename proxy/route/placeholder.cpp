#include "proxy/route/placeholder.hpp"

#include "common/configuration_error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wakegate::proxy {
namespace {

bool is_name(std::string_view text) {
    const auto is_letter = [](char byte) { return byte >= 'a' && byte <= 'z'; };
    const auto may_follow = [&](char byte) {
        return is_letter(byte) || (byte >= '0' && byte <= '9') || byte == '_';
    };
    return !text.empty() && is_letter(text.front()) &&
           std::all_of(text.begin(), text.end(), may_follow);
}

} // namespace

placeholder placeholder_at(std::string_view text, std::size_t at) {
    const auto end = text.find('}', at);
    if (end == std::string_view::npos) {
        fail_at(text, at, "'{' without a '}'; a placeholder is {name}");
    }
    const auto name = text.substr(at + 1, end - at - 1);
    if (!is_name(name)) {
        fail_at(
            text,
            at,
            fmt::format("'{{{}}}' is no placeholder; its name is a-z, then a-z, 0-9 and _", name)
        );
    }
    return {.name = std::string(name), .size = end + 1 - at};
}

void fail_at(std::string_view text, std::size_t at, std::string_view reason) {
    throw configuration_error(fmt::format("'{}': {}, at character {}", text, reason, at + 1));
}

} // namespace wakegate::proxy
