#pragma once

#include "proxy/net/load_guard.hpp"
#include "proxy/relay/relay_loop.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <memory>
#include <thread>

namespace wakegate::proxy {

/// Two threads that share a session's work: the setup thread runs Asio from accept to login, the
/// relay moves bytes from then on. A session never changes its worker.
class worker {
public:
    /// `shortest_user_timeout`: see `relay_loop`.
    explicit worker(std::size_t index, milliseconds shortest_user_timeout = milliseconds(0));
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;
    /// Ends its remaining sessions. Nothing may be posted to `setup_context` any more.
    ~worker();

    [[nodiscard]] std::size_t index() const noexcept { return index_; }

    [[nodiscard]] boost::asio::io_context& setup_context() noexcept { return setup_context_; }

    [[nodiscard]] relay_loop& relay() noexcept { return *relay_; }

    /// Its connections, held and relayed. Any thread.
    [[nodiscard]] std::size_t load() const noexcept { return *load_; }

    [[nodiscard]] load_guard add_load() const { return load_guard(load_); }

    /// Stops and joins both threads.
    void stop();

private:
    std::size_t index_;
    boost::asio::io_context setup_context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::shared_ptr<load_guard::counter> load_;
    std::unique_ptr<relay_loop> relay_;
    std::thread thread_;
};

} // namespace wakegate::proxy
