#pragma once

namespace wakegate {

/// Whether poll(2) has one of `events` (POLLIN, POLLOUT), an error or a hang-up to tell of
/// `descriptor` at this moment.
///
/// For what comes after one of Asio's waits and can't bear to come too early. Such a wait may end
/// though nothing has happened: a descriptor that is registered in the turn of the loop in which
/// another was closed can get the other's place and with it an event that is queued already
/// (boost/asio/detail/impl/epoll_reactor.ipp: descriptor_state is used again).
[[nodiscard]] bool descriptor_ready(int descriptor, short events) noexcept;

} // namespace wakegate
