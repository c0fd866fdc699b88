#include "proxy/gate/wait_queue.hpp"

namespace wakegate::proxy {

void wait_queue::add(ticket id, time_point deadline, connection_kind kind) {
    waiting_.emplace(id, deadline);
    deadlines_.emplace(deadline, id);
    if (kind == connection_kind::reserved) {
        reserved_.insert(id);
    }
    ++limit_.waiting;
}

void wait_queue::remove(ticket id) {
    const auto found = waiting_.find(id);
    deadlines_.erase({found->second, id});
    waiting_.erase(found);
    reserved_.erase(id);
    --limit_.waiting;
}

std::optional<ticket> wait_queue::first(connection_kind kind) const {
    if (kind == connection_kind::reserved) {
        return reserved_.empty() ? std::nullopt : std::optional(*reserved_.begin());
    }
    return waiting_.empty() ? std::nullopt : std::optional(waiting_.begin()->first);
}

std::optional<ticket> wait_queue::overdue(time_point now) const {
    const bool is_overdue = !deadlines_.empty() && deadlines_.begin()->first <= now;
    return is_overdue ? std::optional(deadlines_.begin()->second) : std::nullopt;
}

time_point wait_queue::next_deadline() const noexcept {
    return deadlines_.empty() ? time_point::max() : deadlines_.begin()->first;
}

std::vector<ticket> wait_queue::tickets() const {
    std::vector<ticket> all;
    all.reserve(waiting_.size());
    for (const auto& [id, deadline] : waiting_) {
        all.push_back(id);
    }
    return all;
}

} // namespace wakegate::proxy
