#include "proxy/auth/secret_directory.hpp"

#include "common/configuration_error.hpp"

#include <filesystem>
#include <fstream>
#include <system_error>

namespace wakegate::auth {

namespace {

// Some hundred thousand roles; longer files, say a database dump, are given by mistake.
constexpr std::uintmax_t max_file_size = std::uintmax_t{64} * 1024 * 1024;

std::string read_file(const std::filesystem::path& path, std::uintmax_t limit) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error) {
        throw configuration_error(path.string() + ": " + error.message());
    }
    if (size > limit) {
        throw configuration_error(
            path.string() + ": longer than " + std::to_string(limit) +
            " bytes: not a file of secrets"
        );
    }
    std::string content(size, '\0');
    std::ifstream file(path, std::ios::binary);
    file.read(content.data(), static_cast<std::streamsize>(size));
    if (!file) {
        throw configuration_error(path.string() + ": cannot be read");
    }
    return content;
}

void cleanse(std::string& content) {
    OPENSSL_cleanse(content.data(), content.size());
}

} // namespace

role_secrets load_secret_directory(const std::string& directory) {
    std::error_code error;
    std::map<std::string, std::string> contents;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
        const auto name = entry.path().filename().string();
        if (!name.starts_with('.') && entry.is_regular_file(error)) {
            contents.emplace(name, read_file(entry.path(), max_secret_size + 2));
        }
    }
    if (error) {
        throw configuration_error(directory + ": " + error.message());
    }
    auto secrets = read_secret_files(contents, directory);
    for (auto& [role, content] : contents) {
        cleanse(content);
    }
    return secrets;
}

role_secrets load_userlist(const std::string& file) {
    auto content = read_file(file, max_file_size);
    auto secrets = parse_userlist(content, file);
    cleanse(content);
    return secrets;
}

std::vector<repeated_role> load_repeated_roles(const std::string& file) {
    auto content = read_file(file, max_file_size);
    auto repeated = repeated_roles(content, file);
    cleanse(content);
    return repeated;
}

} // namespace wakegate::auth
