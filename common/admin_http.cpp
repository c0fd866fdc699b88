#include "common/admin_http.hpp"

#include "common/clock.hpp"
#include "common/listening_socket.hpp"
#include "common/log.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

namespace wakegate {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using tcp = boost::asio::ip::tcp;

constexpr auto request_timeout = std::chrono::seconds(10);
constexpr auto accept_pause = std::chrono::milliseconds(100);
constexpr std::uint32_t max_header_bytes = 8 * 1024;

using routes = admin_http::routes;

std::string_view as_view(beast::string_view text) {
    return {text.data(), text.size()};
}

/// The bearer token (RFC 6750); empty without one.
std::string_view bearer_of(beast::string_view authorization) {
    constexpr beast::string_view scheme = "Bearer ";
    if (!beast::iequals(authorization.substr(0, scheme.size()), scheme)) {
        return {};
    }
    return as_view(authorization.substr(scheme.size()));
}

std::string peer_of(const tcp::socket& socket) {
    boost::system::error_code error;
    const auto peer = socket.remote_endpoint(error);
    return error ? "gone"
                 : to_string(host_port{.host = peer.address().to_string(), .port = peer.port()});
}

/// The action whose path begins `path`; null when there is none.
const admin_http::actions::value_type* find_action(const routes& served, std::string_view path) {
    for (const auto& action : served.actions_by_prefix) {
        if (path.starts_with(action.first)) {
            return &action;
        }
    }
    return nullptr;
}

/// One connection, closed after one response: scrapers reconnect, and no connection idles.
class exchange : public std::enable_shared_from_this<exchange> {
public:
    exchange(tcp::socket socket, std::shared_ptr<const routes> served)
        : stream_(std::move(socket)), served_(std::move(served)) {
        parser_.header_limit(max_header_bytes);
        parser_.body_limit(0);
    }

    void start() {
        stream_.expires_after(request_timeout);
        http::async_read(
            stream_,
            buffer_,
            parser_,
            [self = shared_from_this()](beast::error_code error, std::size_t) {
                if (!error) {
                    self->serve();
                }
            }
        );
    }

private:
    void serve() {
        const auto& request = parser_.get();
        const auto target = as_view(request.target());
        const auto path = target.substr(0, target.find('?'));
        if (request.method() == http::verb::get || request.method() == http::verb::head) {
            serve_page(path);
        } else if (request.method() == http::verb::post) {
            serve_action(path, target.substr(std::min(path.size() + 1, target.size())));
        } else {
            answer({.status = 405, .body = "GET, HEAD and POST only\n"});
        }
    }

    void serve_page(std::string_view path) {
        const auto found = served_->pages_by_path.find(std::string(path));
        if (found == served_->pages_by_path.end()) {
            const bool is_action = find_action(*served_, path) != nullptr;
            answer(
                {.status = is_action ? 405U : 404U,
                 .body = is_action ? "POST only\n" : "no such page\n"}
            );
        } else if (const auto* const at_once = std::get_if<0>(&found->second)) {
            answer((*at_once)());
        } else {
            std::get<1>(found->second)([self = shared_from_this()](admin_response response) {
                self->answer(std::move(response));
            });
        }
    }

    void serve_action(std::string_view path, std::string_view query) {
        const auto* const action = find_action(*served_, path);
        if (action == nullptr) {
            answer({.status = 405, .body = "GET and HEAD only\n"});
            return;
        }
        const auto& request = parser_.get();
        answer(action->second({
            .path = std::string(path),
            .query = std::string(query),
            .bearer = std::string(bearer_of(request[http::field::authorization])),
            .peer = peer_of(stream_.socket()),
        }));
    }

    void answer(admin_response response) {
        response_.result(response.status);
        response_.version(parser_.get().version());
        response_.set(http::field::content_type, response.content_type);
        response_.set(http::field::cache_control, "no-store");
        if (response.status == static_cast<unsigned>(http::status::unauthorized)) {
            response_.set(http::field::www_authenticate, "Bearer");
        }
        response_.keep_alive(false);
        response_.content_length(response.body.size());
        if (parser_.get().method() != http::verb::head) {
            response_.body() = std::move(response.body);
        }
        stream_.expires_after(request_timeout);
        http::async_write(
            stream_,
            response_,
            [self = shared_from_this()](beast::error_code, std::size_t) {
                beast::error_code ignored;
                self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
            }
        );
    }

    beast::tcp_stream stream_;
    beast::flat_buffer buffer_;
    http::request_parser<http::empty_body> parser_;
    http::response<http::string_body> response_;
    std::shared_ptr<const routes> served_;
};

} // namespace

/// Accepts on one of the addresses.
class admin_http::server : public std::enable_shared_from_this<server> {
public:
    server(tcp::acceptor acceptor, std::shared_ptr<const routes> served)
        : acceptor_(std::move(acceptor)),
          pause_(acceptor_.get_executor()),
          served_(std::move(served)) {}

    void accept() {
        acceptor_.async_accept([self = shared_from_this(
                                )](boost::system::error_code error, tcp::socket socket) {
            if (error == boost::asio::error::operation_aborted) {
                return;
            }
            if (error) {
                self->accept_later(error);
                return;
            }
            std::make_shared<exchange>(std::move(socket), self->served_)->start();
            if (self->acceptor_.is_open()) {
                self->accept();
            }
        });
    }

    void stop() {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        pause_.cancel();
    }

private:
    /// Retries after a pause: without free descriptors an immediate retry would spin.
    void accept_later(const boost::system::error_code& error) {
        log::warning("admin_accept_failed").with("reason", error.message());
        pause_.expires_after(accept_pause);
        pause_.async_wait([self = shared_from_this()](boost::system::error_code stopped) {
            if (!stopped && self->acceptor_.is_open()) {
                self->accept();
            }
        });
    }

    tcp::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    std::shared_ptr<const routes> served_;
};

admin_http::admin_http(
    boost::asio::io_context& context,
    const host_port& address,
    pages pages_by_path,
    actions actions_by_prefix
) {
    const auto shared = std::make_shared<const routes>(routes{
        .pages_by_path = std::move(pages_by_path), .actions_by_prefix = std::move(actions_by_prefix)
    });
    for (auto& bound : listen_on(context, address, "admin.address")) {
        servers_.push_back(std::make_shared<server>(std::move(bound), shared));
        servers_.back()->accept();
    }
}

admin_http::~admin_http() {
    stop();
}

void admin_http::stop() {
    for (const auto& listener : servers_) {
        listener->stop();
    }
}

} // namespace wakegate
