#include "proxy/auth/role_store.hpp"

#include <utility>

namespace wakegate::auth {

role_store::role_store(std::shared_ptr<const role_table> file_roles)
    : file_roles_(std::move(file_roles)), server_roles_(std::make_shared<const role_table>()) {}

std::shared_ptr<const role_entry> role_store::find(std::string_view role) const {
    std::unique_lock lock(mutex_);
    const auto tables = {file_roles_, server_roles_};
    lock.unlock();
    for (const auto& table : tables) {
        if (const auto* const found = table->find(role)) {
            return {table, found}; // keeps the whole table, and with it the entry
        }
    }
    return nullptr;
}

bool role_store::empty() const {
    const std::lock_guard lock(mutex_);
    return file_roles_->size() == 0 && server_roles_->size() == 0;
}

bool role_store::lacks_verifier(std::string_view role) const {
    std::unique_lock lock(mutex_);
    const auto table = server_roles_;
    lock.unlock();
    return table->lacks_verifier(role);
}

std::size_t role_store::server_role_count() const {
    const std::lock_guard lock(mutex_);
    return server_roles_->size();
}

void role_store::replace_file_roles(std::shared_ptr<const role_table> table) {
    const std::lock_guard lock(mutex_);
    file_roles_.swap(table);
}

void role_store::replace_server_roles(std::shared_ptr<const role_table> table) {
    const std::lock_guard lock(mutex_);
    server_roles_.swap(table);
}

} // namespace wakegate::auth
