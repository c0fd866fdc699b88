#include "proxy/net/phase_deadline.hpp"

#include "proxy/net/deadline_sweep.hpp"

namespace wakegate::proxy {

phase_deadline::phase_deadline(boost::asio::ip::tcp::socket& socket, duration limit)
    : socket_(socket),
      sweep_(deadline_sweep::of(socket.get_executor())),
      at_(clock::now() + limit) {
    sweep_.add(*this);
}

phase_deadline::~phase_deadline() {
    sweep_.remove(*this);
}

} // namespace wakegate::proxy
