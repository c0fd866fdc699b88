#pragma once

#include "common/admin_http.hpp"
#include "common/clock.hpp"
#include "proxy/net/worker.hpp"
#include "proxy/report/reporter.hpp"
#include "proxy/session/session_context.hpp"
#include "proxy/status/proxy_status.hpp"
#include "proxy/status/session_collector.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace wakegate::proxy {

/// Sources of the status pages; all of them outlive the pages.
struct status_sources {
    boost::asio::io_context& control;
    const std::vector<std::unique_ptr<worker>>& workers;
    const session_context& sessions;
    const reporter& reports;
    const bool& draining;
    std::size_t max_clients;
    std::string name; ///< the proxy's; empty: none
};

/// The present status. Control thread.
[[nodiscard]] proxy_status
describe_proxy(const status_sources& sources, const session_collection& collected, duration uptime);

/// /status for people and /status.json for programs. Each thread that has sessions is asked to
/// count them, and the page is sent when all have replied or `session_collector::timeout` is over;
/// then it says how many threads are missing. Lives on the control thread and outlives its pages.
class status_pages {
public:
    explicit status_pages(status_sources sources);

    void add_to(admin_http::pages& pages);

private:
    using rendering = std::string(const proxy_status& status);

    void answer(const admin_callback& reply, rendering* render, const char* content_type);

    const status_sources sources_;
    const time_point started_ = clock::now();
    session_collector collector_;
};

} // namespace wakegate::proxy
