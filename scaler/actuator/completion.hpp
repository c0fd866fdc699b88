#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace wakegate::actuator {

/// Waits whose error codes are ordinary outcomes (a cut-short pause, a cancelled wait).
inline constexpr auto no_throw = boost::asio::as_tuple(boost::asio::use_awaitable);

} // namespace wakegate::actuator
