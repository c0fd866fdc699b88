#include "common/log.hpp"

#include "common/log_writer.hpp"
#include "common/utf8.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>

#include <unistd.h>

namespace wakegate::log {
namespace {

/// In bytes: about 5,000 queued lines.
constexpr std::size_t capacity = 1024 * 1024;

std::string dropped_line(std::uint64_t count);

std::unique_ptr<spdlog::formatter> make_formatter(format log_format) {
    const auto* const pattern = log_format == format::json
                                    ? R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ",%v})"
                                    : "%Y-%m-%dT%H:%M:%S.%fZ %v";
    return std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc);
}

std::string formatted(spdlog::formatter& formatter, const spdlog::details::log_msg& message) {
    spdlog::memory_buf_t line;
    formatter.format(message, line);
    return fmt::to_string(line);
}

/// spdlog's sink: it queues lines, since a write to the descriptor might block.
class queue_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit queue_sink(log_writer& lines) : lines_(lines) {}

private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        lines_.write(formatted(*formatter_, message));
    }

    void flush_() override {}

    log_writer& lines_;
};

struct output {
    output() { logger.set_formatter(make_formatter(log_format)); }

    std::atomic<format> log_format = format::text;
    log_writer lines{STDERR_FILENO, capacity, dropped_line};
    spdlog::logger logger{"wakegate", std::make_shared<queue_sink>(lines)};
};

/// Never destroyed: threads may log until the process has ended.
output& out() {
    static auto& instance = *new output;
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
        const auto next = decode_first_character(value);
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

std::string begin_line(format log_format, level severity, std::string_view name) {
    if (log_format == format::text) {
        return fmt::format("{} {}", name_of(severity), name);
    }
    auto line = fmt::format(R"("level":"{}","event":)", name_of(severity));
    append_quoted(line, name);
    return line;
}

void append_field(
    std::string& line, format log_format, std::string_view key, std::string_view value
) {
    if (log_format == format::json) {
        line.push_back(',');
        append_quoted(line, key);
        line.push_back(':');
    } else {
        line.append(" ").append(key).push_back('=');
    }
    line.append(value);
}

/// On the writer's thread, which must not log: it would wait for itself.
std::string dropped_line(std::uint64_t count) {
    const auto log_format = out().log_format.load();
    auto line = begin_line(log_format, level::warning, "log_lines_dropped");
    append_field(line, log_format, "count", fmt::to_string(count));
    return formatted(*make_formatter(log_format), {"wakegate", spdlog::level::warn, line});
}

} // namespace

void configure(format log_format, level lowest) {
    out().log_format = log_format;
    out().logger.set_formatter(make_formatter(log_format));
    out().logger.set_level(to_spdlog(lowest));
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

event::event(level severity, std::string_view name)
    : severity_(severity), wanted_(out().logger.should_log(to_spdlog(severity))) {
    if (wanted_) {
        line_ = begin_line(out().log_format, severity, name);
    }
}

event::~event() {
    if (wanted_) {
        out().logger.log(to_spdlog(severity_), spdlog::string_view_t(line_));
    }
}

void event::add_bare(std::string_view key, std::string_view value) {
    append_field(line_, out().log_format, key, value);
}

void event::add_text(std::string_view key, std::string_view value) {
    const auto safe = escaped(value);
    const bool is_one_word = !value.empty() && value.find_first_of(" =") == std::string_view::npos;
    const bool needs_quotes = out().log_format == format::json || !is_one_word || safe != value;
    add_bare(key, needs_quotes ? '"' + safe + '"' : safe);
}

} // namespace wakegate::log
