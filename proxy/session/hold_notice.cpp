#include "proxy/session/hold_notice.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

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
        // Whole, or the client would lose its place in the stream. It never waits: these are some
        // hundred bytes, and the send buffer of a client that is held is empty. What is gone needs
        // no notice; the hang-up is seen elsewhere.
        boost::system::error_code ignored;
        const auto message = text();
        asio::write(client, asio::buffer(message), ignored);
    });
}

hold_notice::~hold_notice() {
    *over_ = true;
}

} // namespace wakegate::proxy
