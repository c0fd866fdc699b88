#pragma once

#include "proxy/gate/gate_service.hpp"

#include <boost/asio/io_context.hpp>

#include <vector>

namespace wakegate::proxy {

/// Probes each of these clusters once, a few at a time: a proxy that starts does not know which are
/// awake, and hundreds of probes at once would be a burst. A client that comes earlier has its
/// cluster probed all the same. Control thread; returns at once. The gates outlive `control`'s run.
void probe_all(boost::asio::io_context& control, std::vector<gate_service*> gates);

} // namespace wakegate::proxy
