#pragma once

#include "common/configuration_error.hpp"
#include "common/configuration_key.hpp"
#include "common/units.hpp"
#include "common/yaml_map.hpp"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Compares a program's table of configuration keys with the keys it reads.
namespace wakegate::support {

using read_file = std::function<void(const yaml_map& file)>;
using lookups = std::map<std::string, key_lookup, std::less<>>;

/// The keys that are read from these files; the first look-up of a key counts. Files may have
/// errors: the keys read before one count, too.
inline lookups read_keys(const std::vector<std::string>& examples, const read_file& read) {
    lookups all;
    for (const auto& text : examples) {
        const auto file = yaml_map::parse(text, "example.yaml");
        try {
            read(file);
        } catch (const configuration_error&) {
        }
        all.insert(file.lookups().begin(), file.lookups().end());
    }
    return all;
}

inline bool is_same_default(const configuration_key& key, std::string_view in_code) {
    if (key.default_value.starts_with('(')) {
        return true; // defaults to another key's value or the machine's
    }
    if (key.default_value == required && in_code.empty()) {
        return true; // see `expect_required_keys_are_missed`
    }
    if (key.type == value_type::period) {
        return parse_duration(key.default_value) == parse_duration(in_code);
    }
    return key.default_value == in_code;
}

inline void expect_same(const configuration_key& key, const key_lookup& read) {
    EXPECT_EQ(key.type, read.type) << key.path;
    EXPECT_EQ(key.choices, read.choices) << key.path;
    EXPECT_EQ(key.lowest, read.lowest) << key.path;
    EXPECT_EQ(key.highest, read.highest) << key.path;
    EXPECT_TRUE(is_same_default(key, read.default_value))
        << key.path << ": " << key.default_value << " in the table, " << read.default_value
        << " in the code";
}

/// Checks that exactly the keys of the table are read, each as the table says.
inline void expect_keys(std::span<const configuration_key> keys, lookups read) {
    for (const auto& key : keys) {
        const auto found = read.find(key.path);
        if (found == read.end()) {
            ADD_FAILURE() << key.path << " is in the table and never read";
            continue;
        }
        expect_same(key, found->second);
        read.erase(found);
    }
    for (const auto& [path, lookup] : read) {
        ADD_FAILURE() << path << " is read and not in the table";
    }
}

/// Removes the key from its mapping; false when there is none. NAME and [] stand for the first
/// entry.
inline bool remove_key(YAML::Node node, std::string_view path) {
    const auto dot = path.find('.');
    auto name = std::string(path.substr(0, dot));
    const bool is_list = name.ends_with("[]");
    name.resize(name.size() - (is_list ? 2 : 0));
    if (name == "NAME" && node.IsMap() && node.size() > 0) {
        name = node.begin()->first.Scalar();
    }
    if (!node.IsMap() || !node[name]) {
        return false;
    }
    if (dot == std::string_view::npos) {
        return node.remove(name);
    }
    const auto inner = node[name];
    return remove_key(is_list ? inner[0] : inner, path.substr(dot + 1));
}

/// The error of the file after removing the key; empty when it has no such key, or no error.
inline std::string
failure_without(std::string_view path, const std::string& text, const read_file& read) {
    auto file = YAML::Load(text);
    if (!remove_key(file, path)) {
        return {};
    }
    try {
        read(yaml_map::parse(YAML::Dump(file), "example.yaml"));
        return {};
    } catch (const configuration_error& error) {
        return error.what();
    }
}

/// Checks that each required key's absence is an error in one of the examples.
inline void expect_required_keys_are_missed(
    std::span<const configuration_key> keys,
    const std::vector<std::string>& examples,
    const read_file& read
) {
    for (const auto& key : keys) {
        const auto name = key.path.substr(key.path.rfind('.') + 1);
        const auto is_missed = [&](const std::string& example) {
            return failure_without(key.path, example, read).find(name) != std::string::npos;
        };
        if (key.default_value == required) {
            EXPECT_TRUE(std::ranges::any_of(examples, is_missed)) << key.path;
        }
    }
}

} // namespace wakegate::support
