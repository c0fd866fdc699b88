#pragma once

#include "proxy/gate/gate_service.hpp"

#include <boost/asio/io_context.hpp>

#include <vector>

namespace wakegate::proxy {

/// Probes each of these clusters once, some at a time: at its start a proxy does not know which of
/// them are awake, and hundreds of probes at once would be a burst. A client that comes before its
/// cluster's turn has it probed all the same. Control thread; returns at once. The gates outlive
/// `control`'s run.
void probe_all(boost::asio::io_context& control, std::vector<gate_service*> gates);

} // namespace wakegate::proxy
