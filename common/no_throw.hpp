#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace wakegate {

/// Completion token for coroutines: the error code comes back as a value, in a tuple. For
/// operations whose errors are ordinary outcomes, such as a timer that is cancelled or a peer that
/// is gone.
inline constexpr auto no_throw = boost::asio::as_tuple(boost::asio::use_awaitable);

} // namespace wakegate
