#include "proxy/session/client_group.hpp"

#include "proxy/wire/postgres_name.hpp"

#include <algorithm>

namespace wakegate::proxy {

client_group_ptr client_groups::find_or_add(
    cluster& target,
    std::string_view role,
    std::string_view application_name,
    const ip_address& source,
    wake_class wakes
) {
    const auto name = wire::truncate_name(application_name);
    const auto address = canonical_address(source);
    const auto found = groups_.find({&target, role, name, address, wakes});
    if (found != groups_.end()) {
        return found->second;
    }
    if (groups_.size() >= next_sweep_) {
        drop_unused();
        next_sweep_ = std::max(first_sweep, 2 * groups_.size());
    }
    client_group_ptr added(new client_group(target, role, name, address, wakes));
    groups_.emplace(key(&target, added->role, added->application_name, address, wakes), added);
    return added;
}

/// A use count of one is the map's own reference. Only this thread hands groups out, so none can be
/// in use again.
void client_groups::drop_unused() {
    std::erase_if(groups_, [](const auto& entry) { return entry.second->use_count() == 1; });
}

} // namespace wakegate::proxy
