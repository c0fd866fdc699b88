#pragma once

#include "proxy/gate/gate_service.hpp"

#include <boost/asio/io_context.hpp>

#include <vector>

namespace wakegate::proxy {

/// Looks once at each of these clusters, some at a time: at its start a proxy does not know which
/// of them are awake, and hundreds of probes at once would be a storm. Who comes before their
/// cluster's turn has it looked at by that. Control thread; returns at once. The keepers outlive
/// `control`'s run.
void probe_all(boost::asio::io_context& control, std::vector<gate_service*> keepers);

} // namespace wakegate::proxy
