#include "proxy/auth/role_store.hpp"

#include <utility>

namespace wakegate::auth {

role_store::role_store(std::shared_ptr<const role_table> from_files)
    : from_files_(std::move(from_files)), from_server_(std::make_shared<const role_table>()) {}

std::shared_ptr<const role_entry> role_store::find(std::string_view role) const {
    std::unique_lock lock(mutex_);
    const auto books = {from_files_, from_server_};
    lock.unlock();
    for (const auto& book : books) {
        if (const auto* const found = book->find(role)) {
            return {book, found}; // keeps the whole book, and with it the role
        }
    }
    return nullptr;
}

bool role_store::empty() const {
    const std::lock_guard lock(mutex_);
    return from_files_->size() == 0 && from_server_->size() == 0;
}

bool role_store::lacks_verifier(std::string_view role) const {
    std::unique_lock lock(mutex_);
    const auto book = from_server_;
    lock.unlock();
    return book->lacks_verifier(role);
}

std::size_t role_store::server_role_count() const {
    const std::lock_guard lock(mutex_);
    return from_server_->size();
}

void role_store::replace_file_roles(std::shared_ptr<const role_table> book) {
    const std::lock_guard lock(mutex_);
    from_files_.swap(book);
}

void role_store::replace_server_roles(std::shared_ptr<const role_table> book) {
    const std::lock_guard lock(mutex_);
    from_server_.swap(book);
}

} // namespace wakegate::auth
