#include "proxy/route/name_pattern.hpp"

#include "proxy/route/glob.hpp"
#include "proxy/route/placeholder.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wakegate::proxy {
namespace {

/// The end of the set "[a-z]" that begins at `at`, or `at` when the set is unterminated: then its
/// '[' is an ordinary character (as in fnmatch). A leading ']' is a member; classes are [:alpha:].
std::size_t end_of_set(std::string_view text, std::size_t at) {
    auto next = at + 1;
    if (next < text.size() && (text[next] == '!' || text[next] == '^')) {
        ++next;
    }
    for (const auto first = next; next < text.size(); ++next) {
        if (text[next] == ']' && next > first) {
            return next + 1;
        }
        if (text.substr(next, 2) == "[:") {
            const auto closed = text.find(":]", next + 2);
            next = closed == std::string_view::npos ? next : closed + 1;
        } else if (text[next] == '\\') {
            ++next;
        }
    }
    return at;
}

} // namespace

struct name_pattern::parser {
    std::string_view text;
    name_pattern pattern = {};
    std::size_t at = 0;

    void step() {
        switch (text[at]) {
        case '{':
            return take_name();
        case '}':
            fail_at(text, at, "'}' without a '{'");
        case '*':
            return pattern.style_ == style::plain ? take(1) : take(1, kind::any_characters);
        case '[':
            return take_set();
        case '\\':
            return take(pattern.style_ != style::plain && at + 1 < text.size() ? 2 : 1);
        default:
            return take(1);
        }
    }

    void take(std::size_t size, kind is = kind::one_character) {
        pattern.elements_.push_back({.is = is, .text = std::string(text.substr(at, size))});
        at += size;
    }

    void take_set() {
        const auto end = pattern.style_ == style::plain ? at : end_of_set(text, at);
        take(std::max(end, at + 1) - at);
    }

    void take_name() {
        auto found = placeholder_at(text, at);
        const auto names = pattern.names();
        if (std::find(names.begin(), names.end(), found.name) != names.end()) {
            fail_at(text, at, fmt::format("{{{}}} comes twice in one pattern", found.name));
        }
        if (!pattern.elements_.empty() && pattern.elements_.back().is == kind::name) {
            const auto& before = pattern.elements_.back().text;
            fail_at(
                text,
                at,
                fmt::format(
                    "nothing stands between {{{}}} and {{{}}} to part them", before, found.name
                )
            );
        }
        pattern.elements_.push_back({.is = kind::name, .text = std::move(found.name)});
        pattern.has_names_ = true;
        at += found.size;
    }
};

name_pattern name_pattern::parse(std::string_view text, style form) {
    const auto spelled = form == style::host_name ? to_lower(text) : std::string(text);
    parser reading{.text = spelled};
    reading.pattern.style_ = form;
    reading.pattern.glob_ = spelled;
    while (reading.at < spelled.size()) {
        reading.step();
    }
    return std::move(reading.pattern);
}

std::vector<std::string> name_pattern::names() const {
    std::vector<std::string> names;
    for (const auto& each : elements_) {
        if (each.is == kind::name) {
            names.push_back(each.text);
        }
    }
    return names;
}

/// Where the rest of a pattern fits the rest of a text, computed from the end backwards. So its
/// cost is bounded by the product of both lengths, for every pattern and text.
class name_pattern::fit {
public:
    fit(const name_pattern& pattern, std::string_view text)
        : pattern_(pattern),
          text_(text),
          fits_((pattern.elements_.size() + 1) * (text.size() + 1), false) {
        set(pattern.elements_.size(), text.size());
        for (auto i = pattern.elements_.size(); i-- > 0;) {
            for (auto at = text.size() + 1; at-- > 0;) {
                if (length(i, at)) {
                    set(i, at);
                }
            }
        }
    }

    /// How many characters element `i` takes at `at` so that the rest still fits.
    [[nodiscard]] std::optional<std::size_t> length(std::size_t i, std::size_t at) const {
        switch (pattern_.elements_[i].is) {
        case kind::one_character:
            return takes(i, at) && fits(i + 1, at + 1) ? std::optional<std::size_t>(1)
                                                       : std::nullopt;
        case kind::any_characters:
            return length_of_run(i, at);
        case kind::name:
            break;
        }
        return length_of_name(i, at);
    }

private:
    void set(std::size_t i, std::size_t at) { fits_[i * (text_.size() + 1) + at] = true; }

    [[nodiscard]] bool fits(std::size_t i, std::size_t at) const {
        return fits_[i * (text_.size() + 1) + at];
    }

    [[nodiscard]] bool takes(std::size_t i, std::size_t at) const {
        if (at == text_.size()) {
            return false;
        }
        const auto& wanted = pattern_.elements_[i].text;
        if (pattern_.style_ == style::plain) {
            return wanted.front() == text_[at];
        }
        return matches(wanted, text_.substr(at, 1));
    }

    [[nodiscard]] std::optional<std::size_t> length_of_run(std::size_t i, std::size_t at) const {
        if (fits(i + 1, at)) {
            return 0;
        }
        // The table is filled backwards: the same run one further on is known.
        return at < text_.size() && fits(i, at + 1) ? std::optional<std::size_t>(1) : std::nullopt;
    }

    [[nodiscard]] std::optional<std::size_t> length_of_name(std::size_t i, std::size_t at) const {
        const auto most = std::min(name_bindings::max_value_size, text_.size() - at);
        for (auto size = most; size > 0; --size) {
            if (fits(i + 1, at + size) &&
                !name_bindings::value_from(text_.substr(at, size)).empty()) {
                return size;
            }
        }
        return std::nullopt;
    }

    const name_pattern& pattern_;
    std::string_view text_;
    std::vector<bool> fits_;
};

std::optional<captures> name_pattern::match(std::string_view text) const {
    const auto spelled = style_ == style::host_name ? to_lower(text) : std::string(text);
    if (!has_names()) {
        const bool same = style_ == style::plain ? glob_ == spelled : matches(glob_, spelled);
        return same ? std::optional(captures()) : std::nullopt;
    }
    if (spelled.size() > max_text_size) {
        return std::nullopt;
    }
    const fit found(*this, spelled);
    captures values;
    std::size_t at = 0;
    for (std::size_t i = 0; i < elements_.size();) {
        const auto size = found.length(i, at);
        if (!size) {
            return std::nullopt;
        }
        const auto& now = elements_[i];
        if (now.is == kind::name) {
            values.emplace_back(
                now.text, name_bindings::value_from(std::string_view(spelled).substr(at, *size))
            );
        }
        const bool run_goes_on = now.is == kind::any_characters && *size > 0;
        i += run_goes_on ? 0 : 1;
        at += *size;
    }
    return at == spelled.size() ? std::optional(std::move(values)) : std::nullopt;
}

} // namespace wakegate::proxy
