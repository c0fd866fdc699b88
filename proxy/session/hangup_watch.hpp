#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>

namespace wakegate::proxy {

/// Calls `on_hangup` once when the client of a held session goes away, within a second even if it
/// sent something first. Reads nothing. Nothing else may wait on the socket while this lives; what
/// it waits for itself is cancelled when it goes. Lives on the socket's executor.
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
