#include "proxy/auth/known_roles.hpp"

#include <utility>

namespace wakegate::auth {

known_roles::known_roles(std::shared_ptr<const role_book> from_files)
    : from_files_(std::move(from_files)), from_server_(std::make_shared<const role_book>()) {}

std::shared_ptr<const known_role> known_roles::find(std::string_view role) const {
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

bool known_roles::empty() const {
    const std::lock_guard lock(mutex_);
    return from_files_->size() == 0 && from_server_->size() == 0;
}

bool known_roles::lacks_verifier(std::string_view role) const {
    std::unique_lock lock(mutex_);
    const auto book = from_server_;
    lock.unlock();
    return book->lacks_verifier(role);
}

std::size_t known_roles::told_by_server() const {
    const std::lock_guard lock(mutex_);
    return from_server_->size();
}

void known_roles::replace_files(std::shared_ptr<const role_book> book) {
    const std::lock_guard lock(mutex_);
    from_files_.swap(book);
}

void known_roles::replace_server(std::shared_ptr<const role_book> book) {
    const std::lock_guard lock(mutex_);
    from_server_.swap(book);
}

} // namespace wakegate::auth
