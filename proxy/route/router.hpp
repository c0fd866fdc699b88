#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wakegate::proxy {

/// One line of `routes`. An empty listener or database matches every one.
struct route {
    std::string listener;
    std::string database; ///< a pattern, see `matches`
    std::string cluster;
};

/// From where and what for a client comes, to the cluster that serves it. The first route that
/// matches wins, so the order of the file is the precedence. Immutable; any thread.
class router {
public:
    explicit router(std::vector<route> routes) : routes_(std::move(routes)) {}

    /// The cluster's name, or nullptr: there is no such database here.
    [[nodiscard]] const std::string*
    find(std::string_view listener, std::string_view database) const;

private:
    std::vector<route> routes_;
};

} // namespace wakegate::proxy
