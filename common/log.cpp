#include "common/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>

namespace wakegate::log {
namespace {

struct writer {
    format how = format::text;
    std::shared_ptr<spdlog::logger> logger = make_logger(format::text);

    static std::shared_ptr<spdlog::logger> make_logger(format how) {
        auto made = std::make_shared<spdlog::logger>(
            "wakegate", std::make_shared<spdlog::sinks::stderr_sink_mt>()
        );
        const auto* const pattern = how == format::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ",%v})"
                                                        : "%Y-%m-%dT%H:%M:%S.%fZ %v";
        made->set_pattern(pattern, spdlog::pattern_time_type::utc);
        made->flush_on(spdlog::level::trace);
        return made;
    }
};

writer& output() {
    static writer instance;
    return instance;
}

spdlog::level::level_enum to_spdlog(level value) {
    constexpr std::array levels{
        spdlog::level::debug,
        spdlog::level::info,
        spdlog::level::warn,
        spdlog::level::err,
    };
    return levels.at(static_cast<std::size_t>(value));
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

} // namespace

void configure(format how, level lowest) {
    auto& out = output();
    out.how = how;
    out.logger = writer::make_logger(how);
    out.logger->set_level(to_spdlog(lowest));
}

event::event(level severity, std::string_view name)
    : severity_(severity), wanted_(output().logger->should_log(to_spdlog(severity))) {
    if (!wanted_) {
        return;
    }
    if (output().how == format::json) {
        line_ = fmt::format(R"("level":"{}","event":)", name_of(severity));
        append_quoted(line_, name);
    } else {
        line_ = fmt::format("{} {}", name_of(severity), name);
    }
}

event::~event() {
    if (wanted_) {
        output().logger->log(to_spdlog(severity_), "{}", line_);
    }
}

void event::add_bare(std::string_view key, std::string_view value) {
    if (output().how == format::json) {
        line_.push_back(',');
        append_quoted(line_, key);
        line_.push_back(':');
    } else {
        line_.append(" ").append(key).push_back('=');
    }
    line_.append(value);
}

void event::add_text(std::string_view key, std::string_view value) {
    const auto safe = escaped(value);
    const bool is_one_word = !value.empty() && value.find_first_of(" =") == std::string_view::npos;
    const bool needs_quotes = output().how == format::json || !is_one_word || safe != value;
    add_bare(key, needs_quotes ? '"' + safe + '"' : safe);
}

} // namespace wakegate::log
