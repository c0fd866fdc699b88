#pragma once

#include "proxy/backend/login_timeout_policy.hpp"

#include <functional>
#include <utility>

namespace wakegate::support {

/// Answers, as a test wants, whether a silent server is alive; counts the queries.
class scripted_timeout_policy final : public proxy::login_timeout_policy {
public:
    using answer = std::function<bool(proxy::async_socket& server)>;

    /// By default a silent server is dead.
    explicit scripted_timeout_policy(answer is_alive = [](auto&) { return false; })
        : is_alive_(std::move(is_alive)) {}

    [[nodiscard]] time_point deadline() const noexcept override { return deadline_; }

    [[nodiscard]] boost::asio::awaitable<bool> is_server_alive(proxy::async_socket& server
    ) override {
        ++queries_;
        co_return is_alive_(server);
    }

    void end_at(time_point deadline) noexcept { deadline_ = deadline; }

    [[nodiscard]] int queries() const noexcept { return queries_; }

private:
    answer is_alive_;
    time_point deadline_ = clock::now() + seconds(60);
    int queries_ = 0;
};

} // namespace wakegate::support
