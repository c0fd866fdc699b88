#pragma once

#include "common/configuration_key.hpp"

#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace wakegate::docs {

/// A program and its configuration file, as the documents present them.
struct documented_program {
    std::string_view name; ///< "proxy"
    std::string_view file; ///< "proxy.yaml"
    std::span<const configuration_key> keys;
};

/// The keys of one mapping.
struct section {
    std::string_view path; ///< "clusters.NAME.probe"; empty for the file itself
    std::string_view text; ///< what the mapping is for
    std::vector<configuration_key> keys;
};

/// Of the reference, in its order, but the file itself first.
[[nodiscard]] std::vector<section> sections_of(std::span<const configuration_key> keys);

/// "clusters.NAME" of "clusters.NAME.probe".
[[nodiscard]] std::string_view parent_of(std::string_view path) noexcept;

/// "probe" of "clusters.NAME.probe".
[[nodiscard]] std::string_view name_of(std::string_view path) noexcept;

} // namespace wakegate::docs
