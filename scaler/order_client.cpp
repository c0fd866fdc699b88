#include "scaler/order_client.hpp"

#include "common/configuration_error.hpp"
#include "common/text_table.hpp"
#include "common/utf8.hpp"
#include "scaler/state/order_request.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace wakegate::scaler {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

using post = http::request<http::empty_body>;

constexpr std::size_t max_answer_bytes = 64 * 1024;

/// One replica and the addresses to try for it, in order.
struct replica {
    std::string name;
    std::vector<tcp::endpoint> addresses;
};

/// The addresses to connect to; for wildcards the loopback addresses.
std::vector<tcp::endpoint> resolve(asio::io_context& context, const host_port& admin) {
    const tcp::endpoint v4(asio::ip::address_v4::loopback(), admin.port);
    const tcp::endpoint v6(asio::ip::address_v6::loopback(), admin.port);
    if (admin.host == "*") {
        return {v4, v6};
    }
    boost::system::error_code error;
    tcp::resolver resolver(context);
    const auto found = resolver.resolve(admin.host, std::to_string(admin.port), error);
    if (error) {
        throw configuration_error(fmt::format(
            "{}: can't be resolved: {}; give a replica's address, or a name that has all of "
            "theirs, "
            "with --admin",
            to_string(admin),
            error.message()
        ));
    }
    std::vector<tcp::endpoint> endpoints;
    for (const auto& entry : found) {
        auto endpoint = entry.endpoint();
        if (endpoint.address().is_unspecified()) {
            endpoint = endpoint.address().is_v4() ? v4 : v6;
        }
        if (std::ranges::find(endpoints, endpoint) == endpoints.end()) {
            endpoints.push_back(endpoint);
        }
    }
    return endpoints;
}

std::vector<replica> replicas_at(const std::vector<tcp::endpoint>& endpoints) {
    std::vector<replica> replicas;
    std::optional<std::size_t> local; // index of the loopback replica
    for (const auto& endpoint : endpoints) {
        const auto address = endpoint.address();
        const bool is_local = address == asio::ip::address_v4::loopback() ||
                              address == asio::ip::address_v6::loopback();
        if (is_local && local) {
            replicas[*local].addresses.push_back(endpoint);
            continue;
        }
        if (is_local) {
            local = replicas.size();
        }
        const host_port name{.host = address.to_string(), .port = endpoint.port()};
        replicas.push_back({.name = to_string(name), .addresses = {endpoint}});
    }
    return replicas;
}

post make_request(const host_port& admin, const admin_token& token, const manual_order& order) {
    post request(http::verb::post, to_target(order), 11);
    request.set(http::field::host, to_string(admin));
    request.set(http::field::authorization, "Bearer " + std::string(token.view()));
    request.set(http::field::connection, "close");
    request.prepare_payload();
    return request;
}

void read_response(const http::response<http::string_body>& answer, order_response& reply) {
    reply.is_taken = answer.result() == http::status::ok;
    const auto line = answer.body().substr(0, answer.body().find('\n'));
    reply.text = printable(replace_invalid_utf8(line)); // any server may answer there
    if (!reply.is_taken) {
        reply.text += fmt::format(" (HTTP {})", answer.result_int());
    }
}

/// `timeout` bounds the whole exchange. The parameters outlive it.
asio::awaitable<void>
exchange(const replica& target, const post& request, milliseconds timeout, order_response& reply) {
    const auto executor = co_await asio::this_coro::executor;
    beast::tcp_stream stream(executor);
    stream.expires_after(timeout);
    try {
        co_await stream.async_connect(target.addresses, asio::use_awaitable);
        co_await http::async_write(stream, request, asio::use_awaitable);
        beast::flat_buffer buffer;
        http::response_parser<http::string_body> parser;
        parser.body_limit(max_answer_bytes);
        co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
        read_response(parser.get(), reply);
    } catch (const boost::system::system_error& problem) {
        reply.text = problem.code().message();
    }
}

} // namespace

std::vector<order_response> send_order(
    const host_port& admin,
    const admin_token& token,
    const manual_order& order,
    milliseconds timeout
) {
    asio::io_context context(1);
    const auto replicas = replicas_at(resolve(context, admin));
    const auto request = make_request(admin, token, order);
    std::vector<order_response> replies(replicas.size());
    for (std::size_t at = 0; at < replicas.size(); ++at) {
        replies[at].replica = replicas[at].name;
        asio::co_spawn(
            context, exchange(replicas[at], request, timeout, replies[at]), asio::detached
        );
    }
    context.run();
    return replies;
}

} // namespace wakegate::scaler
