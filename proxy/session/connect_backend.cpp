#include "proxy/session/connect_backend.hpp"

#include "proxy/backend/name_lookup.hpp"
#include "proxy/net/connect_socket.hpp"
#include "proxy/net/phase_deadline.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace wakegate::proxy {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

asio::awaitable<boost::system::error_code> connect_and_say(
    tcp::socket& server,
    const tcp::endpoint& endpoint,
    const tcp_timeouts& timeouts,
    const std::string& preface
) {
    auto refused = co_await connect_socket(server, endpoint, timeouts);
    if (refused || preface.empty()) {
        co_return refused;
    }
    const auto bytes = asio::buffer(preface);
    const auto [lost, written] = co_await asio::async_write(server, bytes, quiet);
    co_return lost;
}

/// Empty when it is connected.
asio::awaitable<std::string> connect_at(
    tcp::socket& server,
    const tcp::endpoint& endpoint,
    const cluster_settings& settings,
    const std::string& preface
) {
    const phase_deadline deadline(server, settings.connect_timeout);
    const auto error = co_await connect_and_say(server, endpoint, settings.tcp, preface);
    if (!error) {
        co_return std::string();
    }
    co_return deadline.expired() ? "connect timed out" : error.message();
}

/// To the first address that answers. Empty when it is connected.
asio::awaitable<std::string>
connect(tcp::socket& server, const cluster_settings& settings, const std::string& preface) {
    const auto endpoints = co_await resolve_endpoints(settings.backend, settings.connect_timeout);
    auto reason = no_address_message(settings.backend);
    for (const auto& endpoint : endpoints) {
        reason = co_await connect_at(server, endpoint, settings, preface);
        if (reason.empty()) {
            break;
        }
    }
    co_return reason;
}

} // namespace

asio::awaitable<connect_failure> connect_unsecured(
    async_socket& server, const cluster_settings& settings, const std::string& preface
) {
    connect_failure met;
    met.reason = co_await connect(server.socket(), settings, preface);
    co_return met;
}

asio::awaitable<connect_failure> connect_backend(
    async_socket& server, const cluster_settings& settings, const std::string& preface
) {
    auto met = co_await connect_unsecured(server, settings, preface);
    if (met.reason.empty()) {
        met = co_await secure_backend(server, settings);
    }
    co_return met;
}

asio::awaitable<connect_failure> connect_backend_at(
    async_socket& server,
    const tcp::endpoint& endpoint,
    const cluster_settings& settings,
    const std::string& preface
) {
    connect_failure met;
    met.reason = co_await connect_at(server.socket(), endpoint, settings, preface);
    if (met.reason.empty()) {
        met = co_await secure_backend(server, settings);
    }
    co_return met;
}

} // namespace wakegate::proxy
