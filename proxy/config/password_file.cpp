#include "proxy/config/password_file.hpp"

#include "proxy/config/secret_mode.hpp"
#include "proxy/libpq/read_password_file.hpp"

#include <fmt/format.h>

namespace wakegate::proxy {

std::string read_password_file_key(const yaml_map& node) {
    constexpr auto key = "password_file";
    auto path = node.file(key);
    if (!path.empty() && !read_password_file(path)) {
        node.fail(key, fmt::format("'{}' is empty; it must hold the password in one line", path));
    }
    warn_if_others_can_read(node, key, path, "the password");
    return path;
}

} // namespace wakegate::proxy
