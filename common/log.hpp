#pragma once

#include "common/clock.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

/// Structured logs: an event name that can be counted and fields that can be searched. Text or one
/// JSON object per line, on standard error, so that standard output stays free for results.
/// Values may hold any bytes; what is written is UTF-8 without control characters.
/// Logging does not block: a thread writes to standard error, and while nobody reads there, lines
/// are dropped and counted, see `log_writer`. Any thread. Never log a password, a SASL message or
/// a query.
///
///     log::info("session_held").with("cluster", name).with("waiting", 12);
///     {"time":"2026-11-22T20:11:58.123456Z","level":"info","event":"session_held","waiting":12,…}
namespace wakegate::log {

enum class level { debug, info, warning, error };
enum class format { text, json };

/// Until it is called, info and above go out as text.
void configure(format log_format, level lowest);

/// Writes a line without time, level or event name, in order with the events.
void plain(std::string_view text);

/// Waits until all that has been logged is written; false: not within `patience`. For the end of a
/// program: what is not written by then is lost.
bool flush(milliseconds patience);

/// How many lines could not be written since the start. Also logged, as `log_lines_dropped` with a
/// `count`, once writing works again.
[[nodiscard]] std::uint64_t dropped_lines();

class event {
public:
    event(level severity, std::string_view name);
    event(const event&) = delete;
    event& operator=(const event&) = delete;
    ~event();

    template <typename T> event& with(std::string_view key, const T& value) {
        if (!wanted_) {
            return *this;
        }
        if constexpr (std::is_same_v<T, bool>) {
            add_bare(key, value ? "true" : "false");
        } else if constexpr (std::is_arithmetic_v<T>) {
            add_bare(key, fmt::to_string(value));
        } else {
            add_text(key, std::string_view(value));
        }
        return *this;
    }

private:
    void add_bare(std::string_view key, std::string_view value);
    void add_text(std::string_view key, std::string_view value);

    level severity_;
    bool wanted_;
    std::string line_;
};

inline event debug(std::string_view name) {
    return {level::debug, name};
}

inline event info(std::string_view name) {
    return {level::info, name};
}

inline event warning(std::string_view name) {
    return {level::warning, name};
}

inline event error(std::string_view name) {
    return {level::error, name};
}

} // namespace wakegate::log
