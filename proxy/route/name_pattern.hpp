#pragma once

#include "proxy/route/name_bindings.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wakegate::proxy {

/// A value for each placeholder of a pattern, in the pattern's order.
using captures = std::vector<std::pair<std::string, std::string>>;

/// `{client}-{env}.db.example.com`: the form of a text, and which of its parts are bound to names.
/// Around placeholders the wildcards of `matches` work, and '\' escapes the next character. A
/// placeholder takes as many characters as it can while the rest still matches, the first one
/// first: with `{client}-{env}`, "acme-eu-prod" is client acme-eu, env prod. Immutable; any thread.
class name_pattern {
public:
    enum class style {
        text,      ///< wildcards; case-sensitive: databases, users
        host_name, ///< wildcards; ignores case: a TLS server name
        plain,     ///< no wildcards: names of listeners and clusters
    };

    /// A pattern with placeholders fits no longer text. No DNS or Postgres name is longer.
    static constexpr std::size_t max_text_size = 512;

    /// Throws `configuration_error` for a brace without a partner or a name, a repeated name, and
    /// placeholders with nothing between them.
    [[nodiscard]] static name_pattern parse(std::string_view text, style form);

    [[nodiscard]] std::vector<std::string> names() const;
    /// Nothing when `text` does not fit. The cost is bounded by the product of both lengths.
    [[nodiscard]] std::optional<captures> match(std::string_view text) const;

private:
    enum class kind { one_character, any_characters, name };

    struct element {
        kind is;
        std::string text; ///< a glob for one character, or the name
    };

    struct parser;
    class fit;

    [[nodiscard]] bool has_names() const noexcept { return has_names_; }

    std::string glob_; ///< all of it, if there are no placeholders
    std::vector<element> elements_;
    style style_ = style::text;
    bool has_names_ = false;
};

} // namespace wakegate::proxy
