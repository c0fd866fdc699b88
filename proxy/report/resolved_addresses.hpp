#pragma once

#include <map>
#include <set>
#include <string>

namespace wakegate::proxy {

/// What each of several names stood for when it last stood for anything. An empty answer is an
/// outage of the name service, not the end of a name's replicas: they stay until it has others.
/// Lives on one thread.
class resolved_addresses {
public:
    /// What `name` has been found to stand for just now.
    void update(const std::string& name, std::set<std::string> addresses);

    /// Whether it has ever stood for anything.
    [[nodiscard]] bool contains(const std::string& name) const { return by_name_.contains(name); }

    /// One that stands for this address; empty when none does.
    [[nodiscard]] std::string name_for(const std::string& address) const;

    /// Of all names together.
    [[nodiscard]] std::set<std::string> all() const;

private:
    std::map<std::string, std::set<std::string>> by_name_;
};

} // namespace wakegate::proxy
