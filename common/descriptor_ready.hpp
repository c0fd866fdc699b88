#pragma once

namespace wakegate {

/// Whether poll(2) reports one of `events` (POLLIN, POLLOUT), an error or a hang-up for
/// `descriptor` now.
///
/// Check it after an Asio wait where acting too early does harm. Such a wait may end although
/// nothing has happened: a descriptor that is registered in the turn of the loop in which another
/// was closed can get the other's state, and with it an event that is queued already
/// (boost/asio/detail/impl/epoll_reactor.ipp: descriptor_state is used again).
[[nodiscard]] bool descriptor_ready(int descriptor, short events) noexcept;

} // namespace wakegate
