#include "proxy/config/plain_name.hpp"

#include "proxy/wire/postgres_name.hpp"

namespace wakegate::proxy {

std::string truncate_plain_name(std::string pattern) {
    const bool is_plain = pattern.find_first_of("*?[\\{") == std::string::npos;
    if (is_plain) {
        pattern.resize(wire::truncate_name(pattern).size());
    }
    return pattern;
}

} // namespace wakegate::proxy
