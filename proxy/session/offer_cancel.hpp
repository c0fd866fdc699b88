#pragma once

#include "common/host_port.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace wakegate::proxy {

/// Passes a CancelRequest on to every address that `peers` have now, 16 at most and all at the same
/// time, and waits until each has dealt with it (it hangs up) or some seconds have passed: nobody
/// knows which address is whose. Those whose key it is not do nothing.
[[nodiscard]] boost::asio::awaitable<void>
offer_cancel(std::vector<host_port> peers, std::string key);

} // namespace wakegate::proxy
