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

/// Gives a page that was not ready at once. On the server's thread and once; destroyed uncalled, it
/// closes the connection without an answer.
using admin_callback = std::function<void(admin_response)>;

/// A POST, as it came: nothing but its size has been checked.
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
    /// Made at once, or told later by whoever has to ask other threads for it first: that one
    /// bounds the time it takes.
    using page = std::variant<std::function<admin_response()>, std::function<void(admin_callback)>>;
    using pages = std::map<std::string, page>;
    /// By what their path begins with. Each decides by itself who may: nothing here does.
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

    /// Stops accepting. Who is connected keeps the context at work for as long as a request may
    /// take, 20 s: a program that ends stops its context. Call on its thread, or with it stopped.
    void stop();

private:
    class server;
    std::vector<std::shared_ptr<server>> servers_;
};

} // namespace wakegate
