#include "common/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <memory>

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

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// RFC 8259 §7. Bytes outside ASCII pass as they are; control characters never reach a terminal.
void append_escaped(std::string& line, std::string_view value) {
    for (const char c : value) {
        if (c == '"' || c == '\\') {
            line.push_back('\\');
            line.push_back(c);
        } else if (is_control(c)) {
            fmt::format_to(std::back_inserter(line), "\\u{:04x}", static_cast<unsigned>(c));
        } else {
            line.push_back(c);
        }
    }
}

bool needs_quotes(std::string_view value) {
    return value.empty() || value.find_first_of(" =\"\\") != std::string_view::npos ||
           std::any_of(value.begin(), value.end(), is_control);
}

void append_quoted(std::string& line, std::string_view value) {
    line.push_back('"');
    append_escaped(line, value);
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
    if (output().how == format::json || needs_quotes(value)) {
        std::string quoted;
        append_quoted(quoted, value);
        add_bare(key, quoted);
    } else {
        add_bare(key, value);
    }
}

} // namespace wakegate::log
