#pragma once

#include "proxy/net/deadline_sweep.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace wakegate::proxy {

/// Cuts one phase of a connection short: when `limit` passes before it goes out of scope, whatever
/// waits on `socket` fails, then and later. It may do so up to `deadline_sweep::period` late. The
/// stream can't go on after that; say why and close. The socket must outlive it, and be an
/// io_context's. One thread, that context's.
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
