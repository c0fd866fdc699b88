#pragma once

#include <boost/asio/awaitable.hpp>

#include <vector>

namespace wakegate::proxy {

/// Runs all at the same time on the caller's executor, which has one thread, and ends with the
/// last. Exceptions are lost.
[[nodiscard]] boost::asio::awaitable<void> run_all(std::vector<boost::asio::awaitable<void>> tasks);

} // namespace wakegate::proxy
