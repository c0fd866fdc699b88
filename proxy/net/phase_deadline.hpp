#pragma once

#include "common/clock.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>

namespace wakegate::proxy {

/// Cuts one phase of a connection short: when `limit` passes before it goes out of scope, whatever
/// waits on `socket` fails. The stream can't go on after that; say why and close.
/// The socket must outlive it. One thread.
class phase_deadline {
public:
    phase_deadline(boost::asio::ip::tcp::socket& socket, duration limit);
    phase_deadline(const phase_deadline&) = delete;
    phase_deadline& operator=(const phase_deadline&) = delete;
    ~phase_deadline();

    [[nodiscard]] bool passed() const noexcept { return *passed_; }

private:
    boost::asio::steady_timer timer_;
    /// Shared with the timer's handler, which may be queued when this goes.
    std::shared_ptr<bool> passed_;
    std::shared_ptr<boost::asio::ip::tcp::socket*> watched_;
};

} // namespace wakegate::proxy
