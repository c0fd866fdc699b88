#include "common/file_state.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

namespace wakegate {

std::string file_state(const std::string& path) {
    struct stat now{};

    if (::stat(path.c_str(), &now) != 0) {
        return path + " missing\n";
    }
    return fmt::format(
        "{} {}:{} {} {}.{}\n",
        path,
        now.st_dev,
        now.st_ino,
        now.st_size,
        now.st_mtim.tv_sec,
        now.st_mtim.tv_nsec
    );
}

} // namespace wakegate
