#pragma once

#include "common/clock.hpp"
#include "common/configuration_key.hpp"
#include "common/configuration_warning.hpp"
#include "common/host_port.hpp"

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wakegate {

/// How a key was read; tests compare the reference with it.
struct key_lookup {
    value_type type = value_type::text;
    std::string choices = {};
    std::uint64_t lowest = 0;
    std::uint64_t highest = 0;
    std::string default_value = {};
};

/// One mapping of a YAML file, read key by key. The reader looks up every key it knows, then calls
/// `reject_unknown_keys`: any other key is an error that suggests the nearest known one.
///
/// Every error is a `configuration_error` of one line: "file:line:column: path: reason".
/// A missing mapping reads like an empty one, so defaults stand in one place: the reader's
/// arguments. Copies share the record of known keys; all mappings of a file share its list of
/// warnings.
class yaml_map {
public:
    [[nodiscard]] static yaml_map load_file(const std::string& path);
    [[nodiscard]] static yaml_map parse(const std::string& text, std::string file_name);

    [[nodiscard]] bool has(std::string_view key) const;

    [[nodiscard]] std::string required_text(std::string_view key) const;
    [[nodiscard]] std::string text(std::string_view key, std::string_view fallback) const;
    /// The path of a file or folder; empty without the key. A relative one starts from the folder
    /// of the configuration file, wherever the program was started.
    [[nodiscard]] std::string path(std::string_view key) const;
    /// The same for a file that must exist and be readable by this program; then for a folder.
    [[nodiscard]] std::string file(std::string_view key) const;
    [[nodiscard]] std::string folder(std::string_view key) const;
    /// `example`: a whole list, which the error for any other value suggests; without one it
    /// suggests that value written as a list.
    [[nodiscard]] std::vector<std::string>
    texts(std::string_view key, std::string_view example = "") const;
    /// The same with a default for an absent key; an empty list stays empty.
    [[nodiscard]] std::vector<std::string>
    texts(std::string_view key, const std::vector<std::string>& fallback) const;
    [[nodiscard]] bool flag(std::string_view key, bool fallback) const;
    [[nodiscard]] std::uint64_t number(
        std::string_view key, std::uint64_t fallback, std::uint64_t lowest, std::uint64_t highest
    ) const;
    [[nodiscard]] std::optional<std::uint64_t>
    optional_number(std::string_view key, std::uint64_t lowest, std::uint64_t highest) const;
    /// Reads "10s"; `lowest` guards against a zero where zero makes no sense.
    [[nodiscard]] milliseconds period(
        std::string_view key, milliseconds fallback, milliseconds lowest = milliseconds(0)
    ) const;
    [[nodiscard]] milliseconds required_period(std::string_view key) const;
    [[nodiscard]] std::uint64_t size(std::string_view key, std::uint64_t fallback) const;
    /// An address to connect to: neither "*" nor port 0 is allowed.
    [[nodiscard]] host_port required_address(std::string_view key) const;
    [[nodiscard]] host_port address(std::string_view key, const host_port& fallback) const;
    [[nodiscard]] std::vector<host_port> addresses(std::string_view key) const;
    /// An address to listen on: "*" is every address of this machine.
    [[nodiscard]] host_port required_listen_address(std::string_view key) const;
    [[nodiscard]] std::optional<host_port> optional_listen_address(std::string_view key) const;
    [[nodiscard]] host_port listen_address(std::string_view key, const host_port& fallback) const;
    /// One of `allowed`; the error lists them all.
    [[nodiscard]] std::string choice(
        std::string_view key,
        std::string_view fallback,
        std::initializer_list<std::string_view> allowed
    ) const;
    [[nodiscard]] std::string
    required_choice(std::string_view key, std::initializer_list<std::string_view> allowed) const;

    /// `example`: such a mapping, which the error for any other value suggests; likewise below.
    [[nodiscard]] yaml_map
    map(std::string_view key, std::string_view example = "{KEY: VALUE}") const;
    [[nodiscard]] std::vector<yaml_map> maps(std::string_view key) const;
    /// A mapping from names to mappings, in the file's order.
    [[nodiscard]] std::vector<std::pair<std::string, yaml_map>>
    named_maps(std::string_view key, std::string_view example = "{KEY: VALUE}") const;
    /// A mapping from names to plain text, in the file's order.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> named_texts(std::string_view key
    ) const;

    void reject_unknown_keys() const;

    /// Reports `reason` at the value of `key`, or at the mapping itself when the key is absent.
    [[noreturn]] void fail(std::string_view key, std::string_view reason) const;

    /// Records `reason`, with its remedy, as a warning for the same place.
    void warn(std::string_view key, std::string_view reason) const;

    /// All warnings of this file so far, in the order in which they were found.
    [[nodiscard]] const std::vector<configuration_warning>& warnings() const;

    /// All keys of this file that were read so far, by their paths in the reference:
    /// "clusters.NAME.probe.interval", "routes[].sni". How a key was read first counts.
    [[nodiscard]] const std::map<std::string, key_lookup, std::less<>>& lookups() const;

private:
    struct document;
    struct state;

    explicit yaml_map(std::shared_ptr<state> shared);

    void note(std::string_view key, const key_lookup& lookup) const;
    [[nodiscard]] std::string scalar(std::string_view key, std::string_view fallback) const;
    [[nodiscard]] std::string required_scalar(std::string_view key) const;
    void check_choice(
        std::string_view key,
        std::string_view value,
        std::initializer_list<std::string_view> allowed
    ) const;
    [[nodiscard]] yaml_map
    child(std::string_view key, std::string_view reference_key, std::string_view example) const;
    /// The mapping under `key` and the names in it, in the file's order.
    [[nodiscard]] std::pair<yaml_map, std::vector<std::string>>
    names_in(std::string_view key, std::string_view example) const;
    [[nodiscard]] host_port
    parse_connect_address(std::string_view key, const std::string& written) const;

    std::shared_ptr<state> state_;
};

} // namespace wakegate
