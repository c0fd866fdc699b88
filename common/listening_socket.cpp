#include "common/listening_socket.hpp"

#include "common/configuration_error.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include <string>

namespace wakegate {
namespace {

using tcp = boost::asio::ip::tcp;

[[noreturn]] void
fail(std::string_view purpose, const host_port& address, const boost::system::error_code& error) {
    throw configuration_error(
        std::string(purpose) + ": can't listen on " + to_string(address) + ": " + error.message() +
        "; choose a free port and an address of this machine"
    );
}

} // namespace

tcp::acceptor
listen_on(boost::asio::io_context& context, const host_port& address, std::string_view purpose) {
    boost::system::error_code error;
    tcp::resolver resolver(context);
    const auto found =
        resolver.resolve(address.host, std::to_string(address.port), tcp::resolver::passive, error);
    if (error || found.empty()) {
        fail(purpose, address, error);
    }
    const tcp::endpoint endpoint = found.begin()->endpoint();
    tcp::acceptor acceptor(context);
    acceptor.open(endpoint.protocol(), error);
    if (!error) {
        acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error && endpoint.address().is_v6()) {
        acceptor.set_option(boost::asio::ip::v6_only(false), error);
    }
    if (!error) {
        acceptor.bind(endpoint, error);
    }
    if (!error) {
        acceptor.listen(tcp::acceptor::max_listen_connections, error);
    }
    if (error) {
        fail(purpose, address, error);
    }
    return acceptor;
}

} // namespace wakegate
