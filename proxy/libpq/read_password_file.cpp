#include "proxy/libpq/read_password_file.hpp"

#include <fstream>

namespace wakegate::proxy {

std::optional<std::string> read_password_file(const std::string& file) {
    std::ifstream opened(file);
    std::string line;
    const bool has_one = static_cast<bool>(std::getline(opened, line));
    return has_one ? std::optional(std::move(line)) : std::nullopt;
}

} // namespace wakegate::proxy
