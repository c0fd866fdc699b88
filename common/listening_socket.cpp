#include "common/listening_socket.hpp"

#include "common/configuration_error.hpp"
#include "common/log.hpp"

#include <boost/asio/ip/v6_only.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace wakegate {
namespace {

using tcp = boost::asio::ip::tcp;

struct bind_failure {
    tcp::endpoint endpoint;
    boost::system::error_code reason;
};

std::string to_text(const tcp::endpoint& endpoint) {
    return to_string(host_port{.host = endpoint.address().to_string(), .port = endpoint.port()});
}

[[noreturn]] void fail(
    std::string_view key, const host_port& address, std::string_view reason, std::string_view remedy
) {
    throw configuration_error(
        std::string(key) + ": can't listen on " + to_string(address) + ": " + std::string(reason) +
        "; " + std::string(remedy)
    );
}

std::string_view remedy_for(const boost::system::error_code& reason) {
    if (reason == boost::asio::error::address_in_use) {
        return "another program listens there (`ss -ltnp` shows it); choose a free port";
    }
    if (reason == boost::system::errc::address_not_available) {
        return "it is no address of this machine (`ip addr` shows them); \"*\" stands for all";
    }
    if (reason == boost::asio::error::access_denied) {
        return "ports below 1024 need the capability CAP_NET_BIND_SERVICE; choose a higher one";
    }
    return "choose a free port and an address of this machine";
}

/// A single reason alone; several with their addresses.
std::string describe(const std::vector<bind_failure>& failures) {
    if (failures.size() == 1) {
        return failures.front().reason.message();
    }
    std::string all;
    for (const auto& [endpoint, reason] : failures) {
        all += (all.empty() ? "" : ", ") + to_text(endpoint) + ": " + reason.message();
    }
    return all;
}

/// The remedy for the failures' reason, if they share one; else a general one.
std::string_view remedy_for(const std::vector<bind_failure>& failures) {
    const auto& first = failures.front().reason;
    const bool is_shared = std::ranges::all_of(failures, [&first](const auto& failure) {
        return failure.reason == first;
    });
    return remedy_for(is_shared ? first : boost::system::error_code());
}

std::vector<tcp::endpoint>
endpoints_of(boost::asio::io_context& context, const host_port& address, std::string_view key) {
    if (address.host == "*") {
        return {{tcp::v4(), address.port}, {tcp::v6(), address.port}};
    }
    boost::system::error_code error;
    tcp::resolver resolver(context);
    const auto found =
        resolver.resolve(address.host, std::to_string(address.port), tcp::resolver::passive, error);
    if (error || found.empty()) {
        fail(
            key,
            address,
            "the name does not resolve: " + error.message(),
            "give an address of this machine, or \"*\" for all of them"
        );
    }
    std::vector<tcp::endpoint> endpoints;
    for (const auto& entry : found) { // a hosts file may repeat an address
        if (std::ranges::find(endpoints, entry.endpoint()) == endpoints.end()) {
            endpoints.push_back(entry.endpoint());
        }
    }
    return endpoints;
}

/// Alone, "::" takes IPv4 clients, too; beside "0.0.0.0" it must not.
bool wants_v6_only(const std::vector<tcp::endpoint>& endpoints) {
    return std::ranges::any_of(endpoints, [](const auto& endpoint) {
        return endpoint.address().is_v4();
    });
}

std::optional<tcp::acceptor> bind_to(
    boost::asio::io_context& context,
    const tcp::endpoint& endpoint,
    bool v6_only,
    boost::system::error_code& error
) {
    tcp::acceptor acceptor(context);
    acceptor.open(endpoint.protocol(), error);
    if (!error) {
        acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error && endpoint.address().is_v6()) {
        acceptor.set_option(boost::asio::ip::v6_only(v6_only), error);
    }
    if (!error) {
        acceptor.bind(endpoint, error);
    }
    if (!error) {
        acceptor.listen(tcp::acceptor::max_listen_connections, error);
    }
    if (error) {
        return std::nullopt;
    }
    return acceptor;
}

} // namespace

std::vector<tcp::acceptor>
listen_on(boost::asio::io_context& context, const host_port& address, std::string_view key) {
    return listen_on(context, endpoints_of(context, address, key), address, key);
}

std::vector<tcp::acceptor> listen_on(
    boost::asio::io_context& context,
    const std::vector<tcp::endpoint>& endpoints,
    const host_port& address,
    std::string_view key
) {
    const bool v6_only = wants_v6_only(endpoints);
    std::vector<tcp::acceptor> bound;
    std::vector<bind_failure> failures;
    for (const auto& endpoint : endpoints) {
        boost::system::error_code error;
        if (auto acceptor = bind_to(context, endpoint, v6_only, error)) {
            bound.push_back(*std::move(acceptor));
        } else {
            failures.push_back({.endpoint = endpoint, .reason = error});
        }
    }
    if (bound.empty()) {
        fail(key, address, describe(failures), remedy_for(failures));
    }
    for (const auto& acceptor : bound) {
        log::info("listening").with("key", key).with("address", to_text(acceptor.local_endpoint()));
    }
    for (const auto& [endpoint, reason] : failures) {
        log::warning("listen_failed")
            .with("key", key)
            .with("address", to_text(endpoint))
            .with("reason", reason.message());
    }
    return bound;
}

} // namespace wakegate
