#include "proxy/verifiers/role_files.hpp"

#include "common/file_state.hpp"
#include "proxy/auth/secret_directory.hpp"

#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

namespace wakegate::proxy {

role_files::role_files(std::string userlist, std::string directory, salt_source make_salt)
    : userlist_(std::move(userlist)),
      directory_(std::move(directory)),
      make_salt_(std::move(make_salt)) {}

std::shared_ptr<const auth::role_table> role_files::read_if_changed() {
    // Before they are read: a change meanwhile is noticed at the next check.
    auto now = state();
    if (std::exchange(was_read_, true) && now == state_) {
        return nullptr;
    }
    table_ = std::make_shared<const auth::role_table>(read(), make_salt_, table_.get());
    state_ = std::move(now);
    return table_;
}

std::string role_files::state() const {
    if (!userlist_.empty()) {
        return file_state(userlist_);
    }
    std::set<std::string> states; // a directory has no order of its own
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
        if (!entry.path().filename().string().starts_with('.')) {
            states.insert(file_state(entry.path().string()));
        }
    }
    std::string all = error.message();
    for (const auto& entry_state : states) {
        all += entry_state;
    }
    return all;
}

auth::role_secrets role_files::read() const {
    if (!userlist_.empty()) {
        return auth::load_userlist(userlist_);
    }
    return directory_.empty() ? auth::role_secrets() : auth::load_secret_directory(directory_);
}

} // namespace wakegate::proxy
