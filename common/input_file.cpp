#include "common/input_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

namespace wakegate {
namespace {

file_error describe(const std::string& path, int error) {
    const auto reason = std::generic_category().message(error);
    if (error == EACCES) {
        return {fmt::format("'{}' can't be read: {} (user {})", path, reason, ::geteuid())};
    }
    if (error != ENOENT) {
        return {fmt::format("'{}' can't be read: {}", path, reason)};
    }
    const auto folder = std::filesystem::path(path).parent_path();
    struct stat found{};

    if (!folder.empty() && ::stat(folder.c_str(), &found) != 0 && errno == ENOENT) {
        return {fmt::format("'{}' is missing, and so is its folder", path)};
    }
    return {fmt::format("'{}' is missing", path)};
}

/// `access` checks the real user, which is the effective one here: nothing is installed setuid.
boost::system::result<void, file_error>
check_access(const std::string& path, int access, bool wants_folder) {
    struct stat found{};

    if (::stat(path.c_str(), &found) != 0) {
        return describe(path, errno);
    }
    const bool is_folder = S_ISDIR(found.st_mode);
    if (is_folder != wants_folder) {
        return file_error{fmt::format(
            "'{}' is {}", path, is_folder ? "a folder, not a file" : "a file, not a folder"
        )};
    }
    if (::access(path.c_str(), access) != 0) {
        return describe(path, errno);
    }
    return {};
}

} // namespace

boost::system::result<void, file_error> check_readable(const std::string& path) {
    return check_access(path, R_OK, false);
}

boost::system::result<void, file_error> check_listable(const std::string& path) {
    return check_access(path, R_OK | X_OK, true);
}

std::optional<std::string> mode_open_to_others(const std::string& path) {
    struct stat found{};

    if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) {
        return std::nullopt;
    }
    const mode_t of_root = S_IWGRP | S_IXGRP | S_IRWXO;
    const mode_t too_open = found.st_uid == 0 ? of_root : S_IRWXG | S_IRWXO;
    if ((found.st_mode & too_open) == 0) {
        return std::nullopt;
    }
    return fmt::format("mode {:04o}", found.st_mode & 07777U);
}

} // namespace wakegate
