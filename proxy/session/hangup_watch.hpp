#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>

namespace wakegate::proxy {

/// Calls `on_hangup` once when the client of a held session disconnects, within a second even
/// behind unread bytes. Reads nothing. Nothing else may wait on the socket while this lives; its
/// destructor cancels its own waits. Lives on the socket's executor.
class hangup_watch {
public:
    hangup_watch(boost::asio::ip::tcp::socket& client, std::function<void()> on_hangup);
    hangup_watch(const hangup_watch&) = delete;
    hangup_watch& operator=(const hangup_watch&) = delete;
    ~hangup_watch();

private:
    class watch;
    std::shared_ptr<watch> watch_;
};

} // namespace wakegate::proxy
