#include "proxy/session/hangup_watch.hpp"

#include "common/clock.hpp"

#include <boost/asio/steady_timer.hpp>

#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace wakegate::proxy {

using tcp = boost::asio::ip::tcp;

namespace {

/// How often a client that has sent something is polled: a hang-up behind unread bytes makes no
/// event of its own.
constexpr auto look_interval = milliseconds(500);

bool has_closed(int descriptor) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) {
        return true;
    }
    return info.tcpi_state != TCP_ESTABLISHED;
}

} // namespace

class hangup_watch::watch : public std::enable_shared_from_this<watch> {
public:
    watch(tcp::socket& client, std::function<void()> on_hangup)
        : client_(&client), pause_(client.get_executor()), on_hangup_(std::move(on_hangup)) {}

    void wait_for_event() {
        client_->async_wait(
            tcp::socket::wait_read,
            [self = shared_from_this()](boost::system::error_code) { self->check(); }
        );
    }

    void stop() {
        boost::system::error_code ignored;
        client_->cancel(ignored);
        client_ = nullptr;
        pause_.cancel();
    }

private:
    void check() {
        if (client_ == nullptr) {
            return;
        }
        if (has_closed(client_->native_handle())) {
            on_hangup_();
            return;
        }
        pause_.expires_after(look_interval);
        pause_.async_wait([self = shared_from_this()](boost::system::error_code) { self->check(); }
        );
    }

    tcp::socket* client_;
    boost::asio::steady_timer pause_;
    std::function<void()> on_hangup_;
};

hangup_watch::hangup_watch(tcp::socket& client, std::function<void()> on_hangup)
    : watch_(std::make_shared<watch>(client, std::move(on_hangup))) {
    watch_->wait_for_event();
}

hangup_watch::~hangup_watch() {
    watch_->stop();
}

} // namespace wakegate::proxy
