#include "proxy/net/phase_deadline.hpp"

namespace wakegate::proxy {

phase_deadline::phase_deadline(boost::asio::ip::tcp::socket& socket, duration limit)
    : sweep_(deadline_sweep::of(socket.get_executor())),
      deadline_{.socket = socket, .at = clock::now() + limit} {
    sweep_.add(deadline_);
}

phase_deadline::~phase_deadline() {
    sweep_.remove(deadline_);
}

} // namespace wakegate::proxy
