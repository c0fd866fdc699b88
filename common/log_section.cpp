#include "common/log_section.hpp"

namespace wakegate {

log_settings read_log_settings(const yaml_map& section) {
    const auto format = section.choice("format", "text", {"text", "json"});
    const auto level = section.choice("level", "info", {"debug", "info", "warning", "error"});
    section.reject_unknown_keys();
    return {
        .format = format == "json" ? log::format::json : log::format::text,
        .level = level == "debug"     ? log::level::debug
                 : level == "warning" ? log::level::warning
                 : level == "error"   ? log::level::error
                                      : log::level::info,
    };
}

} // namespace wakegate
