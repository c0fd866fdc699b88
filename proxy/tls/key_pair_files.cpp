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

std::vector<key_pair_files> find_key_pairs(const listener_settings& settings) {
    if (settings.directory.empty()) {
        return {{settings.certificate, settings.key}};
    }
    std::vector<key_pair_files> pairs;
    auto folders = folders_in(settings.directory);
    folders.insert(folders.begin(), settings.directory);
    for (const auto& folder : folders) {
        if (auto pair = pair_in(folder)) {
            pairs.push_back(*std::move(pair));
        }
    }
    if (pairs.empty()) {
        throw configuration_error(
            settings.directory + ": no tls.crt and tls.key in it or in its subdirectories"
        );
    }
    return pairs;
}

std::string files_state(const listener_settings& settings) {
    std::string state = settings.client_ca.empty() ? std::string() : file_state(settings.client_ca);
    try {
        for (const auto& pair : find_key_pairs(settings)) {
            state += file_state(pair.certificate) + file_state(pair.key);
        }
    } catch (const configuration_error& problem) {
        state += problem.what();
    }
    return state;
}

std::string files_state(const backend_settings& settings) {
    return file_state(settings.ca) + file_state(settings.certificate) + file_state(settings.key);
}

} // namespace wakegate::tls
