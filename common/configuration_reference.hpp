#pragma once

#include "common/configuration_key.hpp"

#include <span>
#include <string>

namespace wakegate {

/// What a value looks like: "DURATION", "[CIDR]", "off | optional"; empty for mappings.
[[nodiscard]] std::string value_form(const configuration_key& key);

/// The bounds of a value, in words: "1 to 256", "at least 1ms"; empty without.
[[nodiscard]] std::string value_bounds(const configuration_key& key);

/// The keys as an outline of the YAML file with their defaults and texts, at most 100 columns wide,
/// for --help.
[[nodiscard]] std::string format_reference(std::span<const configuration_key> keys);

} // namespace wakegate
