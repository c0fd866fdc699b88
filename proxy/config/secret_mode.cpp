#include "proxy/config/secret_mode.hpp"

#include "common/input_file.hpp"

#include <fmt/format.h>

namespace wakegate::proxy {

void warn_if_others_can_read(
    const yaml_map& node, std::string_view key, const std::string& path, std::string_view content
) {
    if (const auto mode = mode_open_to_others(path)) {
        node.warn(
            key,
            fmt::format(
                "'{}' ({}) lets others read {}; chmod 600, or 640 for root's (of a mounted Secret: "
                "defaultMode 0440)",
                path,
                *mode,
                content
            )
        );
    }
}

} // namespace wakegate::proxy
