#include "common/log.hpp"

#include "common/log_writer.hpp"

#include <fmt/chrono.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>

#include <unistd.h>

namespace wakegate::log {
namespace {

/// In bytes: some 5,000 lines that wait for their reader.
constexpr std::size_t capacity = 1024 * 1024;

std::string dropped_line(std::uint64_t count);

struct output {
    std::atomic<format> how = format::text;
    std::atomic<level> lowest = level::info;
    log_writer lines{STDERR_FILENO, capacity, dropped_line};
};

/// Never destroyed: threads may log until the process has ended.
output& out() {
    static auto& instance = *new output;
    return instance;
}

std::string_view name_of(level value) {
    constexpr std::array<std::string_view, 4> names{"debug", "info", "warning", "error"};
    return names.at(static_cast<std::size_t>(value));
}

struct character {
    std::uint32_t code_point;
    std::size_t size; ///< in bytes
};

/// The first of `text`, which is not empty. RFC 3629 §3 and §4: nothing when its first bytes are
/// none, being cut off, overlong, half a surrogate pair or beyond U+10FFFF.
std::optional<character> first_character(std::string_view text) {
    const auto byte = [text](std::size_t at) -> std::uint32_t {
        return static_cast<unsigned char>(text[at]);
    };
    const auto lead = byte(0);
    if (lead < 0x80) {
        return character{lead, 1};
    }
    const std::size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < size) {
        return std::nullopt;
    }
    auto code_point = lead & (0xffU >> (size + 1));
    for (std::size_t at = 1; at < size; ++at) {
        if ((byte(at) & 0xc0U) != 0x80) {
            return std::nullopt;
        }
        code_point = code_point << 6U | (byte(at) & 0x3fU);
    }
    constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
    if (code_point < least.at(size) || is_surrogate || code_point > 0x10ffff) {
        return std::nullopt;
    }
    return character{code_point, size};
}

/// C0 and C1: either has sequences that a terminal obeys.
bool is_control(std::uint32_t code_point) {
    return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0);
}

/// RFC 8259 §7. Characters beyond ASCII pass as they are; control characters never reach a
/// terminal, and each byte that is no UTF-8 becomes the replacement character, since clients may
/// send any.
std::string escaped(std::string_view value) {
    std::string safe;
    while (!value.empty()) {
        const auto next = first_character(value);
        const auto size = next ? next->size : 1;
        if (!next) {
            safe += "\\ufffd";
        } else if (is_control(next->code_point)) {
            fmt::format_to(std::back_inserter(safe), "\\u{:04x}", next->code_point);
        } else {
            if (next->code_point == '"' || next->code_point == '\\') {
                safe.push_back('\\');
            }
            safe += value.substr(0, size);
        }
        value.remove_prefix(size);
    }
    return safe;
}

void append_quoted(std::string& line, std::string_view value) {
    line.push_back('"');
    line += escaped(value);
    line.push_back('"');
}

std::string begin_line(format how, level severity, std::string_view name) {
    if (how == format::text) {
        return fmt::format("{} {}", name_of(severity), name);
    }
    auto line = fmt::format(R"("level":"{}","event":)", name_of(severity));
    append_quoted(line, name);
    return line;
}

void append_field(std::string& line, format how, std::string_view key, std::string_view value) {
    if (how == format::json) {
        line.push_back(',');
        append_quoted(line, key);
        line.push_back(':');
    } else {
        line.append(" ").append(key).push_back('=');
    }
    line.append(value);
}

/// With the time, to the microsecond.
std::string end_line(format how, std::string_view line) {
    const auto now = std::chrono::system_clock::now();
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(now - second).count();
    const auto time = fmt::format(
        "{:%Y-%m-%dT%H:%M:%S}.{:06}Z",
        fmt::gmtime(std::chrono::system_clock::to_time_t(second)),
        rest
    );
    return how == format::json ? fmt::format("{{\"time\":\"{}\",{}}}\n", time, line)
                               : fmt::format("{} {}\n", time, line);
}

std::string dropped_line(std::uint64_t count) {
    const auto how = out().how.load();
    auto line = begin_line(how, level::warning, "log_lines_dropped");
    append_field(line, how, "count", fmt::to_string(count));
    return end_line(how, line);
}

} // namespace

void configure(format how, level lowest) {
    out().how = how;
    out().lowest = lowest;
}

void plain(std::string_view text) {
    out().lines.write(std::string(text) + '\n');
}

bool flush(milliseconds patience) {
    return out().lines.flush(patience);
}

std::uint64_t dropped_lines() {
    return out().lines.dropped();
}

event::event(level severity, std::string_view name) : wanted_(severity >= out().lowest.load()) {
    if (wanted_) {
        line_ = begin_line(out().how, severity, name);
    }
}

event::~event() {
    if (wanted_) {
        out().lines.write(end_line(out().how, line_));
    }
}

void event::add_bare(std::string_view key, std::string_view value) {
    append_field(line_, out().how, key, value);
}

void event::add_text(std::string_view key, std::string_view value) {
    const auto safe = escaped(value);
    const bool is_one_word = !value.empty() && value.find_first_of(" =") == std::string_view::npos;
    const bool needs_quotes = out().how == format::json || !is_one_word || safe != value;
    add_bare(key, needs_quotes ? '"' + safe + '"' : safe);
}

} // namespace wakegate::log
