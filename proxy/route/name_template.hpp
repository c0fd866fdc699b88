#pragma once

#include "proxy/route/name_bindings.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::proxy {

/// Text with gaps, `{client}-{env}.svc`, to be filled with what a route's patterns bind. Immutable;
/// any thread.
class name_template {
public:
    name_template() = default; ///< expands to nothing

    /// Throws `configuration_error` when a brace has no partner or no name.
    [[nodiscard]] static name_template parse(std::string_view text);

    /// The names of all gaps, in order, with repetitions.
    [[nodiscard]] std::vector<std::string> names() const;
    /// Nothing when one of `names` is not bound.
    [[nodiscard]] std::optional<std::string> expand(const name_bindings& bound) const;

private:
    struct piece {
        std::string text; ///< plain, or the placeholder's name
        bool is_gap = false;
    };

    std::vector<piece> pieces_;
};

} // namespace wakegate::proxy
