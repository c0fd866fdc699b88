#include "proxy/route/name_template.hpp"

#include "proxy/route/placeholder.hpp"

namespace wakegate::proxy {

name_template name_template::parse(std::string_view text) {
    name_template result;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto brace = std::min(text.find_first_of("{}", at), text.size());
        if (brace > at) {
            result.pieces_.push_back({.text = std::string(text.substr(at, brace - at))});
        }
        if (brace == text.size()) {
            break;
        }
        if (text[brace] == '}') {
            fail_at(text, brace, "'}' without a '{'");
        }
        auto gap = placeholder_at(text, brace);
        result.pieces_.push_back({.text = std::move(gap.name), .is_gap = true});
        at = brace + gap.size;
    }
    return result;
}

std::vector<std::string> name_template::names() const {
    std::vector<std::string> names;
    for (const auto& each : pieces_) {
        if (each.is_gap) {
            names.push_back(each.text);
        }
    }
    return names;
}

std::optional<std::string> name_template::expand(const name_bindings& bound) const {
    std::string text;
    for (const auto& each : pieces_) {
        const auto* const filling = each.is_gap ? bound.find(each.text) : &each.text;
        if (filling == nullptr) {
            return std::nullopt;
        }
        text += *filling;
    }
    return text;
}

} // namespace wakegate::proxy
