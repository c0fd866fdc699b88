#include "proxy/route/glob.hpp"

#include <fnmatch.h>

namespace wakegate::proxy {

bool matches(const std::string& pattern, std::string_view text) {
    return ::fnmatch(pattern.c_str(), std::string(text).c_str(), 0) == 0;
}

} // namespace wakegate::proxy
