#include "proxy/net/phase_deadline.hpp"

namespace wakegate::proxy {

phase_deadline::phase_deadline(boost::asio::ip::tcp::socket& socket, duration limit)
    : timer_(socket.get_executor(), limit),
      passed_(std::make_shared<bool>(false)),
      watched_(std::make_shared<boost::asio::ip::tcp::socket*>(&socket)) {
    timer_.async_wait([passed = passed_, watched = watched_](boost::system::error_code stopped) {
        if (stopped || *watched == nullptr) {
            return;
        }
        *passed = true;
        boost::system::error_code ignored;
        (*watched)->cancel(ignored);
    });
}

phase_deadline::~phase_deadline() {
    *watched_ = nullptr;
    timer_.cancel();
}

} // namespace wakegate::proxy
