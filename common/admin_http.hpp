#pragma once

#include "common/host_port.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace wakegate {

struct admin_response {
    unsigned status = 200;
    std::string body;
    std::string content_type = "text/plain; charset=utf-8";
};

/// Answers a page later: call it once, on the server's thread. Destroyed without a call, it closes
/// the connection.
using admin_callback = std::function<void(admin_response)>;

/// A POST request; only its size has been checked.
struct admin_request {
    std::string path;
    std::string query;  ///< what follows the path's question mark
    std::string bearer; ///< of "Authorization: Bearer …"; empty without
    std::string peer;   ///< the client's address and port, for the log
};

/// The operators' HTTP server: pages such as /metrics and /readyz to GET and HEAD, and actions to
/// POST. Requests are bounded in size and time and have no body. Lives on one io_context; pages
/// and actions run on its thread. A page that is not in `pages` is 404.
class admin_http {
public:
    /// Returns its response, or passes it to the callback later, within a time that it bounds
    /// itself.
    using page = std::variant<std::function<admin_response()>, std::function<void(admin_callback)>>;
    using pages = std::map<std::string, page>;
    /// By path prefix. Each checks authorisation itself.
    using actions = std::map<std::string, std::function<admin_response(const admin_request&)>>;

    /// What is served, by method.
    struct routes {
        pages pages_by_path;
        actions actions_by_prefix;
    };

    /// Binds each address that `address` names; throws `configuration_error` when none can be had.
    admin_http(
        boost::asio::io_context& context,
        const host_port& address,
        pages pages_by_path,
        actions actions_by_prefix = {}
    );
    admin_http(const admin_http&) = delete;
    admin_http& operator=(const admin_http&) = delete;
    ~admin_http();

    /// Stops accepting. Open connections keep the context busy for as long as a request may take,
    /// 20 s: a program that ends stops its context. Call on its thread, or with it stopped.
    void stop();

private:
    class server;
    std::vector<std::shared_ptr<server>> servers_;
};

} // namespace wakegate
