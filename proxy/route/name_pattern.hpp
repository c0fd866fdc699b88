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

/// `{client}-{env}.db.example.com`: what a text must look like, and which parts of it are bound to
/// names. Around placeholders the wildcards of `matches` hold, and '\' takes the next character as
/// it is. A placeholder takes as many characters as it can and leaves the rest of the pattern a
/// match, the first one first: in `{client}-{env}`, "acme-eu-prod" is client acme-eu, env prod.
/// Immutable; any thread.
class name_pattern {
public:
    enum class style {
        text,      ///< wildcards hold, case counts: databases, users
        host_name, ///< wildcards hold, case does not count: a TLS server name
        plain,     ///< no wildcards: names of listeners and clusters
    };

    /// Longer texts fit no pattern that has placeholders. No DNS name and no name in Postgres is.
    static constexpr std::size_t max_text_size = 512;

    /// Throws `configuration_error` for a brace without a partner or a name, a name that comes
    /// twice, and placeholders between which nothing stands.
    [[nodiscard]] static name_pattern parse(std::string_view text, style how);

    [[nodiscard]] std::vector<std::string> names() const;
    /// Nothing when `text` does not fit. Its cost is bounded by the product of both lengths.
    [[nodiscard]] std::optional<captures> match(std::string_view text) const;

private:
    enum class kind { one_character, any_characters, name };

    struct element {
        kind is;
        std::string text; ///< a glob that one character fits, or the name
    };

    struct parser;
    class fit;

    [[nodiscard]] bool has_names() const noexcept { return has_names_; }

    std::string glob_; ///< the whole of it, when there are no placeholders
    std::vector<element> elements_;
    style style_ = style::text;
    bool has_names_ = false;
};

} // namespace wakegate::proxy
