#include "proxy/session/hold_notice.hpp"

#include <boost/asio/buffer.hpp>

#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

hold_notice::hold_notice(tcp::socket& client, duration after, std::function<std::string()> text)
    : timer_(client.get_executor(), after),
      sent_(std::make_shared<bool>(false)),
      over_(std::make_shared<bool>(false)) {
    timer_.async_wait([&client, sent = sent_, over = over_, text = std::move(text)](
                          boost::system::error_code stopped
                      ) {
        if (stopped || *over) {
            return;
        }
        *sent = true;
        // Some hundred bytes into the empty send buffer of a client that waits. What is gone needs
        // no notice; the hang-up is seen elsewhere.
        boost::system::error_code ignored;
        const auto message = text();
        client.send(asio::buffer(message), 0, ignored);
    });
}

hold_notice::~hold_notice() {
    *over_ = true;
}

} // namespace wakegate::proxy
