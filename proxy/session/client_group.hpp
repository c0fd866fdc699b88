#pragma once

#include "common/cidr.hpp"
#include "proxy/route/wake_class.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

namespace wakegate::proxy {

struct cluster;

/// Clients of one cluster that reports do not tell apart. Immutable and shared by their sessions,
/// each of which has only a pointer to it. Any thread may release it.
struct client_group : boost::intrusive_ref_counter<client_group> {
    client_group(
        cluster& served_by,
        std::string_view its_role,
        std::string_view its_application_name,
        const ip_address& its_source,
        wake_class its_class
    )
        : target(served_by),
          role(its_role),
          application_name(its_application_name),
          source(its_source),
          wakes(its_class) {}

    cluster& target;
    /// What the client claims with `auth: passthrough`; empty where TLS passes through.
    const std::string role;
    const std::string application_name; ///< of the startup message
    const ip_address source;            ///< unspecified: not known
    const wake_class wakes;
};

using client_group_ptr = boost::intrusive_ptr<const client_group>;

/// The groups of one setup thread's clients, without duplicates. Bounded by the number of sessions:
/// unused ones are swept now and then. Lives on one thread; the groups may outlive it.
class client_groups {
public:
    /// Cuts an application name to 63 bytes, as Postgres does, and unwraps an IPv4 address that is
    /// written as IPv6.
    [[nodiscard]] client_group_ptr find_or_add(
        cluster& target,
        std::string_view role,
        std::string_view application_name,
        const ip_address& source,
        wake_class wakes
    );

    [[nodiscard]] std::size_t size() const noexcept { return groups_.size(); }

private:
    /// The texts are the group's. Clients choose them, so no hash.
    using key =
        std::tuple<const cluster*, std::string_view, std::string_view, ip_address, wake_class>;

    void drop_unused();

    static constexpr std::size_t first_sweep = 64;

    std::map<key, client_group_ptr> groups_;
    std::size_t next_sweep_ = first_sweep; ///< sweeps when there are so many
};

} // namespace wakegate::proxy
