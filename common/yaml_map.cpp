#include "common/yaml_map.hpp"

#include "common/configuration_error.hpp"
#include "common/input_file.hpp"
#include "common/unknown_key.hpp"
#include "common/yaml_syntax.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace wakegate {

struct yaml_map::document {
    std::string name;
    std::vector<configuration_warning> warnings = {};
    std::map<std::string, key_lookup, std::less<>> lookups = {};
};

struct yaml_map::state {
    std::shared_ptr<document> file;
    std::string path;           ///< "clusters.app", empty at the root
    std::string reference_path; ///< "clusters.NAME"
    YAML::Node node;            ///< a mapping, or undefined when the key was absent
    YAML::Mark mark;            ///< of the mapping, or of the one that lacks it
    std::set<std::string, std::less<>> known;

    [[nodiscard]] std::string path_of(std::string_view key) const { return join(path, key); }

    [[nodiscard]] static std::string join(const std::string& path, std::string_view key) {
        if (key.empty()) {
            return path;
        }
        return path.empty() ? std::string(key) : path + "." + std::string(key);
    }

    [[nodiscard]] YAML::Node find(std::string_view key) {
        known.emplace(key);
        if (node.IsDefined() && !node.IsNull()) {
            const YAML::Node& as_const = node; // operator[] of a mutable node would add the key
            const auto found = as_const[std::string(key)];
            if (found.IsDefined()) {
                return found;
            }
        }
        return YAML::Node(YAML::NodeType::Undefined);
    }
};

namespace {

/// Errors quote the file, which may hold control characters; a message is one line, for terminals.
std::string without_controls(std::string line) {
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    std::replace_if(line.begin(), line.end(), is_control, '?');
    return line;
}

configuration_warning remark(
    const std::string& file, const YAML::Mark& mark, std::string_view path, std::string_view reason
) {
    const auto place =
        mark.is_null() ? file : fmt::format("{}:{}:{}", file, mark.line + 1, mark.column + 1);
    return {
        .place = without_controls(place),
        .text = without_controls(
            path.empty() ? std::string(reason) : fmt::format("{}: {}", path, reason)
        ),
    };
}

[[noreturn]] void fail_at(
    const std::string& file, const YAML::Mark& mark, std::string_view path, std::string_view reason
) {
    const auto [place, text] = remark(file, mark, path, reason);
    throw configuration_error(fmt::format("{}: {}", place, text));
}

bool is_present(const YAML::Node& node) {
    return node.IsDefined() && !node.IsNull();
}

std::string read_whole(const std::string& path) {
    const auto no_mark = YAML::Mark::null_mark();
    if (const auto readable = check_readable(path); !readable) {
        const auto problem = readable.error().text;
        fail_at("--config", no_mark, "", problem + "; give the path of the YAML file");
    }
    std::ifstream input(path, std::ios::binary);
    std::ostringstream content;
    content << input.rdbuf();
    return std::move(content).str();
}

std::string_view line_of(std::string_view text, int number) {
    for (; number > 0; --number) {
        text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    }
    return text.substr(0, text.find_first_of("\r\n"));
}

/// The node's text written as a list, to suggest in an error: ["a", "b"] for "a, b".
std::string as_list(const YAML::Node& node) {
    if (!node.IsScalar() || node.Scalar().empty()) {
        return "[TEXT, TEXT]";
    }
    auto texts = node.Scalar();
    for (auto comma = texts.find(", "); comma != std::string::npos;
         comma = texts.find(", ", comma + 4)) {
        texts.replace(comma, 2, "\", \"");
    }
    return fmt::format("[\"{}\"]", texts);
}

std::string not_text(const YAML::Node& node) {
    return node.IsMap() ? "expected text, not a mapping; put a text with braces in quotes"
                        : "expected text, not a list";
}

} // namespace

yaml_map::yaml_map(std::shared_ptr<state> shared) : state_(std::move(shared)) {}

yaml_map yaml_map::load_file(const std::string& path) {
    return parse(read_whole(path), path);
}

yaml_map yaml_map::parse(const std::string& text, std::string file_name) {
    auto root = std::make_shared<state>();
    root->file = std::make_shared<document>(document{.name = std::move(file_name)});
    try {
        root->node.reset(YAML::Load(text));
        root->mark = root->node.Mark();
    } catch (const YAML::Exception& problem) {
        const auto& mark = problem.mark;
        const auto line = line_of(text, std::max(0, mark.line));
        const auto column = static_cast<std::size_t>(std::max(0, mark.column));
        const auto reason = describe_syntax_error(problem.msg, line, column);
        fail_at(root->file->name, mark, "", "not YAML: " + reason);
    }
    if (is_present(root->node) && !root->node.IsMap()) {
        fail_at(root->file->name, root->mark, "", "expected keys with values, like KEY: VALUE");
    }
    return yaml_map(std::move(root));
}

bool yaml_map::has(std::string_view key) const {
    return is_present(state_->find(key));
}

void yaml_map::fail(std::string_view key, std::string_view reason) const {
    const auto node = state_->find(key);
    const auto mark = node.IsDefined() ? node.Mark() : state_->mark;
    fail_at(state_->file->name, mark, state_->path_of(key), reason);
}

void yaml_map::warn(std::string_view key, std::string_view reason) const {
    const auto node = state_->find(key);
    const auto mark = node.IsDefined() ? node.Mark() : state_->mark;
    auto& file = *state_->file;
    file.warnings.push_back(remark(file.name, mark, state_->path_of(key), reason));
}

const std::vector<configuration_warning>& yaml_map::warnings() const {
    return state_->file->warnings;
}

const std::map<std::string, key_lookup, std::less<>>& yaml_map::lookups() const {
    return state_->file->lookups;
}

void yaml_map::note(std::string_view key, const key_lookup& lookup) const {
    state_->file->lookups.try_emplace(state::join(state_->reference_path, key), lookup);
}

std::string yaml_map::path(std::string_view key) const {
    note(key, {.type = value_type::path});
    const std::filesystem::path written = scalar(key, "");
    if (written.empty()) {
        return {};
    }
    // Leaves an absolute path unchanged.
    return (std::filesystem::path(state_->file->name).parent_path() / written).string();
}

std::string yaml_map::text(std::string_view key, std::string_view fallback) const {
    note(key, {.type = value_type::text, .default_value = std::string(fallback)});
    return scalar(key, fallback);
}

std::string yaml_map::scalar(std::string_view key, std::string_view fallback) const {
    const auto node = state_->find(key);
    if (!is_present(node)) {
        return std::string(fallback);
    }
    if (!node.IsScalar()) {
        fail(key, not_text(node));
    }
    return node.Scalar();
}

std::string yaml_map::required_text(std::string_view key) const {
    note(key, {.type = value_type::text, .default_value = std::string(required)});
    return required_scalar(key);
}

std::string yaml_map::required_scalar(std::string_view key) const {
    auto value = scalar(key, "");
    if (value.empty()) {
        fail(key, "required, but missing or empty");
    }
    return value;
}

std::vector<std::string>
yaml_map::texts(std::string_view key, const std::vector<std::string>& fallback) const {
    note(
        key,
        {.type = value_type::texts, .default_value = fmt::format("[{}]", fmt::join(fallback, ", "))}
    );
    return has(key) ? texts(key) : fallback;
}

std::vector<std::string> yaml_map::texts(std::string_view key, std::string_view example) const {
    note(key, {.type = value_type::texts});
    const auto node = state_->find(key);
    std::vector<std::string> values;
    if (!is_present(node)) {
        return values;
    }
    if (!node.IsSequence()) {
        fail(
            key, fmt::format("expected a list, like {}", example.empty() ? as_list(node) : example)
        );
    }
    for (const auto& item : node) {
        if (!item.IsScalar()) {
            fail_at(state_->file->name, item.Mark(), state_->path_of(key), not_text(item));
        }
        values.push_back(item.Scalar());
    }
    return values;
}

yaml_map yaml_map::map(std::string_view key, std::string_view example) const {
    note(key, {.type = value_type::mapping});
    return child(key, key, example);
}

/// `reference_key`: the key in the reference, "NAME" for a named mapping.
yaml_map yaml_map::child(
    std::string_view key, std::string_view reference_key, std::string_view example
) const {
    auto inner = std::make_shared<state>();
    inner->file = state_->file;
    inner->path = state_->path_of(key);
    inner->reference_path = state::join(state_->reference_path, reference_key);
    inner->node.reset(state_->find(key));
    inner->mark = inner->node.IsDefined() ? inner->node.Mark() : state_->mark;
    if (is_present(inner->node) && !inner->node.IsMap()) {
        fail(key, fmt::format("expected a mapping of keys to values, like {}", example));
    }
    return yaml_map(std::move(inner));
}

std::vector<yaml_map> yaml_map::maps(std::string_view key) const {
    note(key, {.type = value_type::mappings});
    const auto node = state_->find(key);
    std::vector<yaml_map> values;
    if (!is_present(node)) {
        return values;
    }
    if (!node.IsSequence()) {
        fail(key, "expected a list of mappings, like [{KEY: VALUE}], or each behind '- '");
    }
    for (const auto& item : node) {
        auto child = std::make_shared<state>();
        child->file = state_->file;
        child->path = fmt::format("{}[{}]", state_->path_of(key), values.size());
        child->reference_path = state::join(state_->reference_path, key) + "[]";
        child->node.reset(item);
        child->mark = item.Mark();
        if (!item.IsMap()) {
            fail_at(
                child->file->name, child->mark, child->path, "expected a mapping, like {KEY: VALUE}"
            );
        }
        values.push_back(yaml_map(std::move(child)));
    }
    return values;
}

std::pair<yaml_map, std::vector<std::string>>
yaml_map::names_in(std::string_view key, std::string_view example) const {
    std::vector<std::string> names;
    const auto parent = child(key, key, fmt::format("{{NAME: {}}}", example));
    if (is_present(parent.state_->node)) {
        for (const auto& item : parent.state_->node) {
            if (!item.first.IsScalar()) {
                const auto& path = parent.state_->path;
                fail_at(state_->file->name, item.first.Mark(), path, "expected a name");
            }
            names.push_back(item.first.Scalar());
            parent.state_->known.insert(names.back());
        }
    }
    return {parent, std::move(names)};
}

std::vector<std::pair<std::string, yaml_map>>
yaml_map::named_maps(std::string_view key, std::string_view example) const {
    note(key, {.type = value_type::named_mappings});
    const auto [parent, names] = names_in(key, example);
    std::vector<std::pair<std::string, yaml_map>> values;
    for (const auto& name : names) {
        parent.note("NAME", {.type = value_type::mapping});
        values.emplace_back(name, parent.child(name, "NAME", example));
    }
    parent.reject_unknown_keys(); // all are known: finds names given twice
    return values;
}

std::vector<std::pair<std::string, std::string>> yaml_map::named_texts(std::string_view key) const {
    note(key, {.type = value_type::named_texts});
    const auto [parent, names] = names_in(key, "VALUE");
    std::vector<std::pair<std::string, std::string>> values;
    for (const auto& name : names) {
        values.emplace_back(name, parent.scalar(name, ""));
    }
    parent.reject_unknown_keys();
    return values;
}

void yaml_map::reject_unknown_keys() const {
    if (!is_present(state_->node)) {
        return;
    }
    std::set<std::string, std::less<>> seen;
    for (const auto& item : state_->node) {
        const auto key = item.first.IsScalar() ? item.first.Scalar() : std::string("?");
        if (!state_->known.contains(key)) {
            const auto reason = describe_unknown_key(key, state_->known);
            fail_at(state_->file->name, item.first.Mark(), state_->path_of(key), reason);
        }
        if (!seen.insert(key).second) {
            fail_at(state_->file->name, item.first.Mark(), state_->path_of(key), "given twice");
        }
    }
}

} // namespace wakegate
