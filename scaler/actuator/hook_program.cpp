#include "scaler/actuator/hook_program.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <system_error>

#include <unistd.h>

namespace wakegate::actuator {
namespace {

namespace fs = std::filesystem;

bool has_slash(std::string_view word) {
    return word.find('/') != std::string_view::npos;
}

enum class exec_errc : std::uint8_t { is_folder, not_executable, missing };

std::string_view to_text(exec_errc fault) {
    switch (fault) {
    case exec_errc::is_folder:
        return "is a folder";
    case exec_errc::not_executable:
        return "is not executable for this user";
    case exec_errc::missing:
        return "does not exist";
    }
    return "does not exist";
}

/// The error that execve would give.
boost::system::result<void, exec_errc> check_executable(const std::string& path) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
        return exec_errc::is_folder;
    }
    if (::access(path.c_str(), X_OK) == 0) {
        return {};
    }
    return errno == EACCES ? exec_errc::not_executable : exec_errc::missing;
}

std::optional<std::string> find_in_path(const std::string& name, const std::string& search_path) {
    std::istringstream folders(search_path);
    for (std::string folder; std::getline(folders, folder, ':');) {
        auto candidate = (folder.empty() ? "." : folder) + "/" + name;
        if (check_executable(candidate)) {
            return candidate;
        }
    }
    return std::nullopt;
}

/// Debian keeps pg_ctl and similar tools out of PATH, in a folder for each version.
std::optional<std::string> find_in_postgres_folders(const std::string& name) {
    std::error_code ignored;
    std::optional<std::string> newest;
    for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
        auto candidate = (version.path() / "bin" / name).string();
        if (check_executable(candidate) && (!newest || *newest < candidate)) {
            newest = std::move(candidate);
        }
    }
    return newest;
}

} // namespace

std::string resolve_program(std::string_view first_word, const fs::path& folder) {
    if (!has_slash(first_word) || first_word.starts_with('/')) {
        return std::string(first_word);
    }
    return (folder / first_word).lexically_normal().string();
}

boost::system::result<void, program_error> check_program(const std::string& program) {
    if (has_slash(program)) {
        const auto checked = check_executable(program);
        if (checked) {
            return {};
        }
        return program_error{
            fmt::format("{} {}; correct the path", program, to_text(checked.error()))
        };
    }
    const char* const search_path = std::getenv("PATH");
    const std::string folders = search_path == nullptr ? "" : search_path;
    if (find_in_path(program, folders)) {
        return {};
    }
    const auto found_path = find_in_postgres_folders(program);
    return program_error{fmt::format(
        "'{}' is in no folder of PATH ({}); {}",
        program,
        folders,
        found_path ? fmt::format("write its absolute path, {}", *found_path)
                   : "install it, or write its absolute path"
    )};
}

} // namespace wakegate::actuator
