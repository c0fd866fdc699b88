#pragma once

#include "proxy/net/deadline_sweep.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace wakegate::proxy {

/// Bounds one phase of a connection: when `limit` passes before this goes out of scope, every wait
/// on `socket` fails, then and later, up to `deadline_sweep::period` late. The stream can't be used
/// after that: send an error and close. The socket must outlive it and be on an io_context. One
/// thread, that context's.
class phase_deadline {
public:
    phase_deadline(boost::asio::ip::tcp::socket& socket, duration limit);
    phase_deadline(const phase_deadline&) = delete;
    phase_deadline& operator=(const phase_deadline&) = delete;
    ~phase_deadline();

    [[nodiscard]] bool expired() const noexcept { return deadline_.expired; }

private:
    deadline_sweep& sweep_;
    deadline_sweep::deadline deadline_;
};

} // namespace wakegate::proxy
