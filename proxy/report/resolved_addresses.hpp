#pragma once

#include <map>
#include <set>
#include <string>

namespace wakegate::proxy {

/// The last known addresses of each of several names. An empty answer is taken for an outage of the
/// name service: the addresses stay until the name has others. One thread.
class resolved_addresses {
public:
    /// `addresses`: the answer of the latest resolution, may be empty.
    void update(const std::string& name, std::set<std::string> addresses);

    /// Whether the name has ever had an address.
    [[nodiscard]] bool contains(const std::string& name) const { return by_name_.contains(name); }

    /// A name with this address; empty when there is none.
    [[nodiscard]] std::string name_for(const std::string& address) const;

    /// Of all names together.
    [[nodiscard]] std::set<std::string> all() const;

private:
    std::map<std::string, std::set<std::string>> by_name_;
};

} // namespace wakegate::proxy
