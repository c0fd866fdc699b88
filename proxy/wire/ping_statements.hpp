#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate::wire {

/// The names of a session's prepared statements that are pings, the unnamed one's among them. A
/// name in here is certainly a ping's; forgetting one is safe, since its statement then counts as
/// work.
class ping_statements {
public:
    /// The server cuts names at 63 bytes (NAMEDATALEN), so that longer ones may be the same.
    static constexpr std::size_t max_name_size = 62;
    /// A pool has one. When there are more, the oldest is forgotten.
    static constexpr std::size_t max_names = 4;

    /// Parse has been sent with a ping's text; call `confirm` or `forget_unconfirmed` when the
    /// server has answered. Names that are too long are not learned.
    void learn(std::string_view name);

    void confirm() noexcept { confirmed_ = names_.size(); }

    void forget_unconfirmed() noexcept { names_.resize(confirmed_); }

    void forget(std::string_view name) noexcept;
    void forget_all() noexcept;

    [[nodiscard]] bool contains(std::string_view name) const noexcept;

    [[nodiscard]] bool empty() const noexcept { return names_.empty(); }

private:
    std::vector<std::string> names_; // in the order in which they were learned
    std::size_t confirmed_ = 0;      // how many of the first are confirmed
};

} // namespace wakegate::wire
