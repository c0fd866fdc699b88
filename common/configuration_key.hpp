#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wakegate {

/// How the value of a key is written.
enum class value_type : std::uint8_t {
    mapping,
    mappings,       ///< a list of them
    named_mappings, ///< NAME: mapping
    named_texts,    ///< NAME: text
    text,
    texts,
    choice,
    number,
    period, ///< "10s"
    path,
    address, ///< HOST:PORT to connect to
    addresses,
    listen_address, ///< HOST:PORT, or *:PORT
};

/// One key of a configuration file. A program's table of them is its reference: --help, the man
/// page, docs/configuration.md and the JSON Schema are made from it, and tests compare it with what
/// the program reads.
struct configuration_key {
    std::string_view path; ///< "clusters.NAME.probe.interval", "routes[].sni"
    value_type type;
    std::string_view unit = {};    ///< of a number: "clients"; of text: what it is, "PATTERN"
    std::string_view choices = {}; ///< "off | optional"
    std::uint64_t lowest = 0;      ///< of numbers, and of durations in milliseconds
    std::uint64_t highest = 0;     ///< of numbers
    /// As it is written in YAML; "(backend)" when it is no plain value, "required", or empty for
    /// none.
    std::string_view default_value = {};
    std::string_view text; ///< what it does, in one or more sentences
};

inline constexpr std::string_view required = "required";

} // namespace wakegate
