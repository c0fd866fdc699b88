#include "proxy/tls/key_pair_files.hpp"

#include "common/configuration_error.hpp"
#include "common/file_state.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

namespace wakegate::tls {
namespace {

std::optional<key_pair_files> pair_in(const std::filesystem::path& folder) {
    const auto certificate = folder / "tls.crt";
    const auto key = folder / "tls.key";
    std::error_code ignored;
    const bool has_certificate = std::filesystem::exists(certificate, ignored);
    const bool has_key = std::filesystem::exists(key, ignored);
    if (has_certificate != has_key) {
        const auto& missing = has_certificate ? key : certificate;
        throw configuration_error(
            missing.string() + ": missing; tls.crt and tls.key belong together"
        );
    }
    if (!has_certificate) {
        return std::nullopt;
    }
    return key_pair_files{certificate.string(), key.string()};
}

std::vector<std::filesystem::path> folders_in(const std::string& directory) {
    std::vector<std::filesystem::path> folders;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
        std::error_code ignored;
        if (!entry.path().filename().string().starts_with('.') && entry.is_directory(ignored)) {
            folders.push_back(entry.path());
        }
    }
    if (error) {
        throw configuration_error(directory + ": " + error.message());
    }
    std::sort(folders.begin(), folders.end());
    return folders;
}

} // namespace

std::vector<key_pair_files> find_key_pairs(const settings& from) {
    if (from.directory.empty()) {
        return {{from.certificate, from.key}};
    }
    std::vector<key_pair_files> pairs;
    auto folders = folders_in(from.directory);
    folders.insert(folders.begin(), from.directory);
    for (const auto& folder : folders) {
        if (auto pair = pair_in(folder)) {
            pairs.push_back(*std::move(pair));
        }
    }
    if (pairs.empty()) {
        throw configuration_error(
            from.directory + ": no tls.crt and tls.key in it or in its subdirectories"
        );
    }
    return pairs;
}

std::string files_state(const settings& from) {
    std::string print = from.client_ca.empty() ? std::string() : file_state(from.client_ca);
    try {
        for (const auto& pair : find_key_pairs(from)) {
            print += file_state(pair.certificate) + file_state(pair.key);
        }
    } catch (const configuration_error& problem) {
        print += problem.what();
    }
    return print;
}

std::string files_state(const backend_settings& from) {
    return file_state(from.ca) + file_state(from.certificate) + file_state(from.key);
}

} // namespace wakegate::tls
