#include "proxy/gate/wait_queue.hpp"

namespace wakegate::proxy {

void wait_queue::add(ticket who, time_point deadline, connection_kind kind) {
    waiting_.emplace(who, deadline);
    deadlines_.emplace(deadline, who);
    if (kind == connection_kind::reserved) {
        reserved_.insert(who);
    }
    ++room_.occupied;
}

void wait_queue::remove(ticket who) {
    const auto found = waiting_.find(who);
    deadlines_.erase({found->second, who});
    waiting_.erase(found);
    reserved_.erase(who);
    --room_.occupied;
}

std::optional<ticket> wait_queue::first(connection_kind kind) const {
    if (kind == connection_kind::reserved) {
        return reserved_.empty() ? std::nullopt : std::optional(*reserved_.begin());
    }
    return waiting_.empty() ? std::nullopt : std::optional(waiting_.begin()->first);
}

std::optional<ticket> wait_queue::overdue(time_point now) const {
    const bool is_one = !deadlines_.empty() && deadlines_.begin()->first <= now;
    return is_one ? std::optional(deadlines_.begin()->second) : std::nullopt;
}

time_point wait_queue::next_deadline() const noexcept {
    return deadlines_.empty() ? time_point::max() : deadlines_.begin()->first;
}

std::vector<ticket> wait_queue::tickets() const {
    std::vector<ticket> all;
    all.reserve(waiting_.size());
    for (const auto& [who, deadline] : waiting_) {
        all.push_back(who);
    }
    return all;
}

} // namespace wakegate::proxy
