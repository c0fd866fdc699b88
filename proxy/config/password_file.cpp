#include "proxy/config/password_file.hpp"

#include "proxy/backend/password_line.hpp"

#include <fmt/format.h>

namespace wakegate::proxy {

std::string read_password_file(const yaml_map& from) {
    constexpr auto key = "password_file";
    auto path = from.text(key, "");
    if (!path.empty() && !password_line(path)) {
        from.fail(
            key, fmt::format("'{}' can't be read; it must hold the password in one line", path)
        );
    }
    return path;
}

} // namespace wakegate::proxy
