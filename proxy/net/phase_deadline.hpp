#pragma once

#include "common/clock.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/set.hpp>

namespace wakegate::proxy {

class deadline_sweep;

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

    [[nodiscard]] bool passed() const noexcept { return passed_; }

private:
    friend deadline_sweep;

    struct earlier {
        bool operator()(const phase_deadline& left, const phase_deadline& right) const noexcept {
            return left.at_ < right.at_;
        }
    };

    boost::asio::ip::tcp::socket& socket_;
    deadline_sweep& sweep_;
    time_point at_;
    bool passed_ = false;
    boost::intrusive::set_member_hook<> in_sweep_;
};

} // namespace wakegate::proxy
