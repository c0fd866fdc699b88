#include "docs/generator/json_schema.hpp"

#include <boost/json.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace wakegate::docs {
namespace {

namespace json = boost::json;

constexpr std::string_view duration_pattern = "^[0-9]+(ms|s|m|h)$";
constexpr std::string_view address_pattern = "^(?!\\*:).+:[0-9]{1,5}$";
constexpr std::string_view listen_address_pattern = "^.+:[0-9]{1,5}$";

json::value text_value(const configuration_key& key) {
    switch (key.type) {
    case value_type::period:
        return {{"type", "string"}, {"pattern", duration_pattern}};
    case value_type::address:
    case value_type::addresses:
        return {{"type", "string"}, {"pattern", address_pattern}};
    case value_type::listen_address:
        return {{"type", "string"}, {"pattern", listen_address_pattern}};
    default:
        // The programs read every plain value as text, so 1234 is a name as well.
        return {{"type", {"string", "number", "boolean"}}};
    }
}

json::value choice_value(std::string_view choices) {
    json::array allowed;
    constexpr std::string_view separator = " | ";
    for (;;) {
        const auto end = std::min(choices.find(separator), choices.size());
        allowed.emplace_back(choices.substr(0, end));
        if (end == choices.size()) {
            return {{"enum", std::move(allowed)}};
        }
        choices.remove_prefix(end + separator.size());
    }
}

/// As text as well: a ScaledObject's metadata are.
json::value number_value(const configuration_key& key) {
    return {
        {"type", {"integer", "string"}},
        {"pattern", "^[0-9]+$"},
        {"minimum", key.lowest},
        {"maximum", key.highest}
    };
}

json::value list_of(json::value items, bool is_required) {
    json::object list{{"type", "array"}, {"items", std::move(items)}};
    if (is_required) {
        list["minItems"] = 1;
    }
    return list;
}

json::value mapping_value(std::span<const configuration_key> keys, std::string_view path);

json::value value_of(std::span<const configuration_key> keys, const configuration_key& key) {
    const bool is_required = key.default_value == required;
    const std::string path(key.path);
    switch (key.type) {
    case value_type::mapping:
        return mapping_value(keys, path);
    case value_type::mappings:
        return list_of(mapping_value(keys, path + "[]"), is_required);
    case value_type::named_mappings: {
        json::object named{
            {"type", "object"}, {"additionalProperties", mapping_value(keys, path + ".NAME")}
        };
        if (is_required) {
            named["minProperties"] = 1;
        }
        return named;
    }
    case value_type::named_texts:
        return {{"type", "object"}, {"additionalProperties", text_value(key)}};
    case value_type::texts:
    case value_type::addresses:
        return list_of(text_value(key), is_required);
    case value_type::choice:
        return choice_value(key.choices);
    case value_type::number:
        return number_value(key);
    default:
        return text_value(key);
    }
}

void add_default(json::object& property, const configuration_key& key) {
    const auto value = key.default_value;
    const bool is_plain =
        !value.empty() && value != required && !value.starts_with('(') && !value.starts_with('[');
    if (is_plain && key.type == value_type::number) {
        property["default"] = std::stoll(std::string(value));
    } else if (is_plain) {
        property["default"] = value;
    }
}

json::value mapping_value(std::span<const configuration_key> keys, std::string_view path) {
    json::object properties;
    json::array required_keys;
    for (const auto& key : keys) {
        if (parent_of(key.path) != path) {
            continue;
        }
        const auto name = name_of(key.path);
        auto property = value_of(keys, key).as_object();
        if (!key.text.empty()) {
            property["description"] = key.text;
        }
        add_default(property, key);
        properties[name] = std::move(property);
        if (key.default_value == required) {
            required_keys.emplace_back(name);
        }
    }
    json::object mapping{
        {"type", "object"},
        {"properties", std::move(properties)},
        {"additionalProperties", false},
    };
    if (!required_keys.empty()) {
        mapping["required"] = std::move(required_keys);
    }
    return mapping;
}

/// As `python3 -m json.tool --indent 2` writes it, but lists of plain values on one line.
void print(std::string& out, const json::value& value, const std::string& indentation) {
    if (!value.is_object()) {
        out += json::serialize(value);
        return;
    }
    const auto inner = indentation + "  ";
    std::string_view separator = "{\n";
    for (const auto& member : value.get_object()) {
        out +=
            fmt::format("{}{}{}: ", separator, inner, json::serialize(json::value(member.key())));
        print(out, member.value(), inner);
        separator = ",\n";
    }
    out += value.get_object().empty() ? "{}" : "\n" + indentation + "}";
}

} // namespace

std::string json_schema(const documented_program& program) {
    json::object schema{
        {"$schema", "https://json-schema.org/draft/2020-12/schema"},
        {"title", fmt::format("wakegate-{}: {}", program.name, program.file)},
    };
    auto file = mapping_value(program.keys, "").as_object();
    for (const auto& member : file) {
        schema[member.key()] = member.value();
    }
    std::string text;
    print(text, schema, "");
    return text + "\n";
}

} // namespace wakegate::docs
