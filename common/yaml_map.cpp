#include "common/yaml_map.hpp"

#include "common/configuration_error.hpp"
#include "common/units.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <optional>
#include <set>
#include <sstream>

namespace wakegate {

struct yaml_map::document {
    std::string name;
    std::vector<configuration_warning> warnings = {};
};

struct yaml_map::state {
    std::shared_ptr<document> file;
    std::string path; ///< "clusters.app", empty at the root
    YAML::Node node;  ///< a mapping, or undefined when the key was absent
    YAML::Mark where; ///< of the mapping, or of the one that lacks it
    std::set<std::string, std::less<>> known;

    [[nodiscard]] std::string path_of(std::string_view key) const {
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

/// What a file quotes back may hold anything; the operator's line, and a terminal, must not.
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

/// Levenshtein's distance, for "did you mean".
std::size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 1; i <= left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const auto replaced = diagonal + (left[i - 1] == right[j - 1] ? 0U : 1U);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
}

std::string advice(std::string_view unknown, const std::set<std::string, std::less<>>& known) {
    const std::string* nearest = nullptr;
    std::size_t least = unknown.size() / 2 + 2;
    for (const auto& candidate : known) {
        const auto distance = edit_distance(unknown, candidate);
        if (distance < least) {
            least = distance;
            nearest = &candidate;
        }
    }
    if (nearest != nullptr) {
        return fmt::format("unknown key; did you mean '{}'?", *nearest);
    }
    return fmt::format("unknown key; known here: {}", fmt::join(known, ", "));
}

std::string read_whole(const std::string& path) {
    std::ifstream input(path, std::ios::binary);
    std::error_code ignored;
    // A folder opens like a file and reads like an empty one.
    if (!input || std::filesystem::is_directory(path, ignored)) {
        const auto nowhere = YAML::Mark::null_mark();
        fail_at(path, nowhere, "", "can't be read; give an existing file with --config");
    }
    std::ostringstream content;
    content << input.rdbuf();
    return std::move(content).str();
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
        root->where = root->node.Mark();
    } catch (const YAML::Exception& problem) {
        fail_at(root->file->name, problem.mark, "", "not YAML: " + problem.msg);
    }
    if (is_present(root->node) && !root->node.IsMap()) {
        fail_at(root->file->name, root->where, "", "expected a mapping of keys to values");
    }
    return yaml_map(std::move(root));
}

bool yaml_map::has(std::string_view key) const {
    return is_present(state_->find(key));
}

void yaml_map::fail(std::string_view key, std::string_view reason) const {
    const auto node = state_->find(key);
    const auto mark = node.IsDefined() ? node.Mark() : state_->where;
    fail_at(state_->file->name, mark, state_->path_of(key), reason);
}

void yaml_map::warn(std::string_view key, std::string_view reason) const {
    const auto node = state_->find(key);
    const auto mark = node.IsDefined() ? node.Mark() : state_->where;
    auto& file = *state_->file;
    file.warnings.push_back(remark(file.name, mark, state_->path_of(key), reason));
}

const std::vector<configuration_warning>& yaml_map::warnings() const {
    return state_->file->warnings;
}

std::string yaml_map::path(std::string_view key) const {
    const std::filesystem::path written = text(key, "");
    if (written.empty()) {
        return {};
    }
    // An absolute one stays what it is.
    return (std::filesystem::path(state_->file->name).parent_path() / written).string();
}

std::string yaml_map::text(std::string_view key, std::string_view fallback) const {
    const auto node = state_->find(key);
    if (!is_present(node)) {
        return std::string(fallback);
    }
    if (!node.IsScalar()) {
        fail(key, "expected text");
    }
    return node.Scalar();
}

std::string yaml_map::required_text(std::string_view key) const {
    auto value = text(key, "");
    if (value.empty()) {
        fail(key, "required, but missing or empty");
    }
    return value;
}

std::vector<std::string> yaml_map::texts(std::string_view key) const {
    const auto node = state_->find(key);
    std::vector<std::string> values;
    if (!is_present(node)) {
        return values;
    }
    if (!node.IsSequence()) {
        fail(key, "expected a list of texts");
    }
    for (const auto& item : node) {
        if (!item.IsScalar()) {
            fail_at(state_->file->name, item.Mark(), state_->path_of(key), "expected text");
        }
        values.push_back(item.Scalar());
    }
    return values;
}

bool yaml_map::flag(std::string_view key, bool fallback) const {
    return choice(key, fallback ? "true" : "false", {"true", "false"}) == "true";
}

std::uint64_t yaml_map::number(
    std::string_view key, std::uint64_t fallback, std::uint64_t lowest, std::uint64_t highest
) const {
    const auto written = text(key, fmt::to_string(fallback));
    std::uint64_t value = 0;
    const auto* const end = written.data() + written.size();
    const auto [rest, error] = std::from_chars(written.data(), end, value);
    if (error != std::errc{} || rest != end || value < lowest || value > highest) {
        fail(key, fmt::format("'{}' is not a number from {} to {}", written, lowest, highest));
    }
    return value;
}

milliseconds
yaml_map::period(std::string_view key, milliseconds fallback, milliseconds lowest) const {
    const auto written = text(key, format_duration(fallback));
    const auto value = parse_duration(written);
    if (!value) {
        fail(
            key, fmt::format("'{}' is not a duration; write it like 250ms, 10s, 5m or 1h", written)
        );
    }
    if (*value < lowest) {
        fail(key, fmt::format("'{}' is too short; at least {}", written, format_duration(lowest)));
    }
    return *value;
}

std::uint64_t yaml_map::size(std::string_view key, std::uint64_t fallback) const {
    const auto written = text(key, fmt::to_string(fallback));
    const auto value = parse_size(written);
    if (!value) {
        fail(key, fmt::format("'{}' is not a size; write it like 4096, 64KiB or 16MiB", written));
    }
    return *value;
}

host_port yaml_map::required_address(std::string_view key) const {
    auto value = required_listen_address(key);
    require_one_address(key, value);
    return value;
}

host_port yaml_map::required_listen_address(std::string_view key) const {
    const auto written = required_text(key);
    auto value = parse_host_port(written);
    if (!value) {
        fail(key, fmt::format("'{}' is not host:port; write it like 127.0.0.1:5432", written));
    }
    return *std::move(value);
}

host_port yaml_map::listen_address(std::string_view key, const host_port& fallback) const {
    return has(key) ? required_listen_address(key) : fallback;
}

void yaml_map::require_one_address(std::string_view key, const host_port& value) const {
    if (value.host == "*") {
        fail(key, "'*' is every address of this machine; name the one to connect to");
    }
}

host_port yaml_map::address(std::string_view key, const host_port& fallback) const {
    return has(key) ? required_address(key) : fallback;
}

std::vector<host_port> yaml_map::addresses(std::string_view key) const {
    std::vector<host_port> values;
    for (const auto& written : texts(key)) {
        auto value = parse_host_port(written);
        if (!value) {
            fail(key, fmt::format("'{}' is not host:port; write it like 127.0.0.1:9411", written));
        }
        require_one_address(key, *value);
        values.push_back(*std::move(value));
    }
    return values;
}

std::string yaml_map::choice(
    std::string_view key, std::string_view fallback, std::initializer_list<std::string_view> allowed
) const {
    auto value = text(key, fallback);
    if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
        fail(key, fmt::format("'{}' is none of: {}", value, fmt::join(allowed, ", ")));
    }
    return value;
}

yaml_map yaml_map::map(std::string_view key) const {
    auto child = std::make_shared<state>();
    child->file = state_->file;
    child->path = state_->path_of(key);
    child->node.reset(state_->find(key));
    child->where = child->node.IsDefined() ? child->node.Mark() : state_->where;
    if (is_present(child->node) && !child->node.IsMap()) {
        fail(key, "expected a mapping of keys to values");
    }
    return yaml_map(std::move(child));
}

std::vector<yaml_map> yaml_map::maps(std::string_view key) const {
    const auto node = state_->find(key);
    std::vector<yaml_map> values;
    if (!is_present(node)) {
        return values;
    }
    if (!node.IsSequence()) {
        fail(key, "expected a list of mappings");
    }
    for (const auto& item : node) {
        auto child = std::make_shared<state>();
        child->file = state_->file;
        child->path = fmt::format("{}[{}]", state_->path_of(key), values.size());
        child->node.reset(item);
        child->where = item.Mark();
        if (!item.IsMap()) {
            fail_at(child->file->name, child->where, child->path, "expected a mapping");
        }
        values.push_back(yaml_map(std::move(child)));
    }
    return values;
}

std::vector<std::pair<std::string, yaml_map>> yaml_map::named_maps(std::string_view key) const {
    std::vector<std::pair<std::string, yaml_map>> values;
    const auto parent = map(key);
    if (!is_present(parent.state_->node)) {
        return values;
    }
    for (const auto& item : parent.state_->node) {
        if (!item.first.IsScalar()) {
            fail_at(state_->file->name, item.first.Mark(), parent.state_->path, "expected a name");
        }
        values.emplace_back(item.first.Scalar(), parent.map(item.first.Scalar()));
    }
    parent.reject_unknown_keys(); // all are known; this is for a name given twice
    return values;
}

std::vector<std::pair<std::string, std::string>> yaml_map::named_texts(std::string_view key) const {
    std::vector<std::pair<std::string, std::string>> values;
    const auto parent = map(key);
    if (!is_present(parent.state_->node)) {
        return values;
    }
    for (const auto& item : parent.state_->node) {
        if (!item.first.IsScalar()) {
            fail_at(state_->file->name, item.first.Mark(), parent.state_->path, "expected a name");
        }
        values.emplace_back(item.first.Scalar(), parent.text(item.first.Scalar(), ""));
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
            const auto reason = advice(key, state_->known);
            fail_at(state_->file->name, item.first.Mark(), state_->path_of(key), reason);
        }
        if (!seen.insert(key).second) {
            fail_at(state_->file->name, item.first.Mark(), state_->path_of(key), "given twice");
        }
    }
}

} // namespace wakegate
