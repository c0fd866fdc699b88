#include "proxy/auth/verifier_cache.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <set>
#include <utility>

namespace wakegate::auth {

namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr std::string_view header = "wakegate verifier cache 1";
constexpr std::string_view header_of_any_version = "wakegate verifier cache ";
constexpr std::string_view end_mark = "end ";
constexpr std::size_t fields_per_line = 5;
// Year 9999: later times are errors. Postgres' own -infinity is stored as 0.
constexpr std::int64_t latest_second = 253'402'300'799;

constexpr std::array<std::pair<char, char>, 4> escapes{{
    {'\\', '\\'},
    {'\t', 't'},
    {'\n', 'n'},
    {'\r', 'r'},
}};

std::string escaped(std::string_view name) {
    std::string text;
    for (const char byte : name) {
        char letter = '\0';
        for (const auto& [plain, written] : escapes) {
            letter = byte == plain ? written : letter;
        }
        if (letter != '\0') {
            text.push_back('\\');
        }
        text.push_back(letter != '\0' ? letter : byte);
    }
    return text;
}

/// Exactly what `escaped` writes.
std::optional<std::string> unescaped(std::string_view text) {
    if (text.find_first_of(std::string_view("\r\0", 2)) != std::string_view::npos) {
        return std::nullopt; // \r is always escaped, and no name has a zero byte
    }
    std::string name;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\\') {
            name.push_back(text[at]);
            continue;
        }
        const char letter = ++at < text.size() ? text[at] : '\0';
        const auto before = name.size();
        for (const auto& [plain, written] : escapes) {
            if (letter == written) {
                name.push_back(plain);
            }
        }
        if (name.size() == before) {
            return std::nullopt;
        }
    }
    return name;
}

/// A number as `std::to_string` writes it.
std::optional<std::int64_t> parse_number(std::string_view digits, std::int64_t highest) {
    std::int64_t value = 0;
    const auto* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value);
    if (error != std::errc() || stop != end || value < 0 || value > highest ||
        (digits.size() > 1 && digits.front() == '0') || digits.front() == '-') {
        return std::nullopt;
    }
    return value;
}

std::string written(sys_seconds time) {
    return std::to_string(time.time_since_epoch().count());
}

/// Takes the text before a line feed, and the line feed; nothing when there is none.
std::optional<std::string_view> take_line(std::string_view& rest) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return line;
}

std::vector<std::string_view> split_fields(std::string_view line) {
    std::vector<std::string_view> fields;
    while (true) {
        const auto tab = line.find('\t');
        fields.push_back(line.substr(0, tab));
        if (tab == std::string_view::npos) {
            return fields;
        }
        line.remove_prefix(tab + 1);
    }
}

using parsed_line = std::variant<cached_verifier, std::string>;

parsed_line parse_line(std::string_view line) {
    const auto fields = split_fields(line);
    if (fields.size() != fields_per_line) {
        return "expected " + std::to_string(fields_per_line) + " fields between tabs";
    }
    auto cluster = unescaped(fields[0]);
    auto role = unescaped(fields[1]);
    if (!cluster || cluster->empty() || !role || role->empty()) {
        return "the name of the cluster or of the role is broken";
    }
    const auto verifier = scram_verifier::parse(fields[2]);
    if (!verifier) {
        return "the verifier is broken";
    }
    const bool forever = fields[3] == "-";
    const auto valid_until = forever ? std::nullopt : parse_number(fields[3], latest_second);
    const auto fetched_at = parse_number(fields[4], latest_second);
    if ((!forever && !valid_until) || !fetched_at) {
        return "a time is broken: seconds since 1970 are expected";
    }
    cached_verifier result{
        *std::move(cluster), *std::move(role), *verifier, {}, sys_seconds(seconds(*fetched_at))
    };
    if (valid_until) {
        result.valid_until = sys_seconds(seconds(*valid_until));
    }
    return result;
}

std::string header_error(std::string_view line) {
    if (line.starts_with(header_of_any_version)) {
        return "written by another version of wakegate; this one reads version 1";
    }
    return "not a verifier cache";
}

} // namespace

std::string write_verifier_cache(const std::vector<cached_verifier>& roles) {
    std::string text(header);
    text += '\n';
    for (const auto& each : roles) {
        text += escaped(each.cluster) + '\t' + escaped(each.role) + '\t' + each.verifier.text() +
                '\t' + (each.valid_until ? written(*each.valid_until) : "-") + '\t' +
                written(each.fetched_at) + '\n';
    }
    return text.append(end_mark).append(std::to_string(roles.size())).append("\n");
}

std::variant<std::vector<cached_verifier>, std::string> parse_verifier_cache(std::string_view text
) {
    std::size_t number = 0;
    const auto error_at = [&](const std::string& reason) {
        return "line " + std::to_string(number) + ": " + reason;
    };
    std::vector<cached_verifier> roles;
    std::set<std::pair<std::string, std::string>> names;
    while (const auto line = take_line(text)) {
        ++number;
        if (number == 1) {
            if (*line != header) {
                return error_at(header_error(*line));
            }
            continue;
        }
        if (line->starts_with(end_mark) && line->find('\t') == std::string_view::npos) {
            if (line->substr(end_mark.size()) != std::to_string(roles.size()) || !text.empty()) {
                return error_at("the number of roles is not the one announced");
            }
            return roles;
        }
        auto parsed = parse_line(*line);
        if (const auto* const reason = std::get_if<std::string>(&parsed)) {
            return error_at(*reason);
        }
        auto& role = std::get<cached_verifier>(parsed);
        if (!names.emplace(role.cluster, role.role).second) {
            return error_at("the role comes twice");
        }
        roles.push_back(std::move(role));
    }
    ++number;
    return error_at("the file is cut short");
}

} // namespace wakegate::auth
