#include "proxy/verifiers/verifier_store.hpp"

#include "common/file_state.hpp"
#include "common/log.hpp"
#include "proxy/auth/verifier_cache_file.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace wakegate::proxy {
namespace {

bool equal_but_for_age(
    const std::vector<auth::cached_verifier>& before, std::vector<auth::cached_verifier> now
) {
    if (before.size() != now.size()) {
        return false;
    }
    for (std::size_t i = 0; i < before.size(); ++i) {
        now[i].fetched_at = before[i].fetched_at;
    }
    return now == before;
}

/// 1970 when there is no file.
std::chrono::sys_seconds written_at(const std::string& path) {
    std::error_code failed;
    const auto written = std::filesystem::last_write_time(path, failed);
    if (failed) {
        return {};
    }
    return std::chrono::floor<seconds>(std::chrono::file_clock::to_sys(written));
}

} // namespace

verifier_store::verifier_store(std::string path, const std::set<std::string>& clusters)
    : path_(std::move(path)) {
    for (const auto& cluster : clusters) {
        roles_[cluster];
    }
    auto loaded = auth::load_verifier_cache(path_);
    if (!loaded) {
        log::warning("verifier_cache_unusable").with("reason", loaded.error().reason);
        file_unreadable_ = true;
        return;
    }
    stored_at_ = written_at(path_);
    for (auto& verifier : *loaded) {
        if (const auto found = roles_.find(verifier.cluster); found != roles_.end()) {
            found->second.push_back(std::move(verifier));
        }
    }
}

const std::vector<auth::cached_verifier>& verifier_store::roles_of(const std::string& cluster
) const {
    return roles_.at(cluster);
}

bool verifier_store::replace(const std::string& cluster, std::vector<auth::cached_verifier> roles) {
    std::sort(roles.begin(), roles.end(), [](const auto& one, const auto& other) {
        return one.role < other.role;
    });
    auto& stored = roles_.at(cluster);
    const bool has_changed = !equal_but_for_age(stored, roles);
    stored = std::move(roles);
    if (has_changed || file_state(path_) != saved_state_) {
        save();
    }
    if (last_error_.empty()) {
        stored_at_ = std::chrono::floor<seconds>(std::chrono::system_clock::now());
    }
    return has_changed;
}

void verifier_store::save() {
    if (std::exchange(file_unreadable_, false)) {
        move_aside();
    }
    std::vector<auth::cached_verifier> all;
    for (const auto& [cluster, roles] : roles_) {
        all.insert(all.end(), roles.begin(), roles.end());
    }
    const auto saved = auth::save_verifier_cache(path_, all);
    const auto failure = saved ? std::string() : saved.error().reason;
    if (!failure.empty() && failure != last_error_) {
        log::warning("verifier_cache_unusable").with("reason", failure);
    }
    last_error_ = failure;
    saved_state_ = failure.empty() ? file_state(path_) : std::string();
}

/// It may hold roles of sleeping clusters, whose servers can't be queried now.
void verifier_store::move_aside() {
    const auto aside = path_ + ".unusable";
    std::error_code failed;
    std::filesystem::rename(path_, aside, failed);
    if (!failed) {
        log::warning("verifier_cache_set_aside").with("path", aside);
    }
}

} // namespace wakegate::proxy
