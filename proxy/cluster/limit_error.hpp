#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>

namespace wakegate::proxy {

/// The limit that was reached.
enum class limit_errc : std::uint8_t {
    max_clients,
    max_clients_per_source, ///< `subject`: the address
    max_clients_of_cluster, ///< `subject`: the cluster
    max_clients_per_role,   ///< `subject`: the role
};

struct limit_error {
    limit_errc code{};
    std::string subject = {};
};

using limit_result = boost::system::result<void, limit_error>;

} // namespace wakegate::proxy
