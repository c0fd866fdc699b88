#pragma once

#include "common/host_port.hpp"
#include "common/no_throw.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/message_bytes.hpp"

#include <boost/asio/detached.hpp>

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace wakegate::support {

enum class manners {
    stays,       ///< connected after its answer, until the client hangs up
    leaves,      ///< right after its answer
    leaves_mute, ///< right after the accept, as a mesh does for a missing pod
};

/// What a server does with each client. It has no TLS, whatever it answers.
struct server_script {
    std::string answer; ///< to the startup message
    manners then = manners::stays;
    bool byte_by_byte = false;
    std::string tls_answer = "N"; ///< after any other answer it sends no more
};

/// A server on a free port of the loopback, in the test's own io_context, which must outlive it.
class scripted_server {
public:
    scripted_server(asio::io_context& context, server_script script)
        : acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
          script_(std::move(script)) {
        asio::co_spawn(context, accept_all(), asio::detached);
    }

    [[nodiscard]] host_port address() const {
        return {"127.0.0.1", acceptor_.local_endpoint().port()};
    }

    [[nodiscard]] tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

    /// Sends `bytes` to all connected clients.
    void say_to_all(const std::string& bytes) {
        for (auto* client : connected_) {
            asio::write(*client, asio::buffer(bytes));
        }
    }

    /// The first messages of its clients, except requests for TLS.
    [[nodiscard]] const std::vector<std::string>& startups() const noexcept { return startups_; }

private:
    asio::awaitable<void> accept_all() {
        for (;;) {
            auto [error, client] = co_await acceptor_.async_accept(no_throw);
            if (error) {
                co_return;
            }
            asio::co_spawn(acceptor_.get_executor(), serve(std::move(client)), asio::detached);
        }
    }

    asio::awaitable<void> serve(tcp::socket client) {
        if (script_.then == manners::leaves_mute) {
            co_return;
        }
        client.set_option(tcp::no_delay(true));
        auto first = co_await hear_untyped(client);
        if (first == ssl_request()) {
            co_await send_all(client, script_.tls_answer);
        }
        if (first == ssl_request() && script_.tls_answer != "N") {
            if (script_.then == manners::stays) {
                co_await receive_to_end(client);
            }
            co_return;
        }
        if (first == ssl_request()) {
            first = co_await hear_untyped(client);
        }
        startups_.push_back(std::move(first));
        if (script_.byte_by_byte) {
            co_await send_byte_by_byte(client, script_.answer);
        } else {
            co_await send_all(client, script_.answer);
        }
        if (script_.then == manners::stays) {
            connected_.insert(&client);
            co_await receive_to_end(client);
            connected_.erase(&client);
        }
    }

    static asio::awaitable<std::string> hear_untyped(tcp::socket& client) {
        auto message = co_await receive(client, 4);
        if (message.size() < 4) {
            co_return message;
        }
        const auto high = static_cast<unsigned char>(message[2]);
        const auto low = static_cast<unsigned char>(message[3]);
        const std::size_t rest = high * 256U + low - 4;
        message += co_await receive(client, rest);
        co_return message;
    }

    tcp::acceptor acceptor_;
    server_script script_;
    std::vector<std::string> startups_;
    std::set<tcp::socket*> connected_; ///< those that got the answer
};

/// A loopback port without a listener.
inline host_port deserted_address(asio::io_context& context) {
    const tcp::acceptor gone(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    return {"127.0.0.1", gone.local_endpoint().port()};
}

} // namespace wakegate::support
