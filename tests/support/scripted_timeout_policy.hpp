#pragma once

#include "proxy/session/login_timeout_policy.hpp"

#include <functional>
#include <utility>

namespace wakegate::support {

/// Says what a test wants of a server that is silent, and counts how often it is asked.
class scripted_timeout_policy final : public proxy::login_timeout_policy {
public:
    using answer = std::function<bool(proxy::async_socket& server)>;

    /// By default no silent server is there.
    explicit scripted_timeout_policy(answer is_there = [](auto&) { return false; })
        : is_there_(std::move(is_there)) {}

    [[nodiscard]] time_point until() const noexcept override { return until_; }

    [[nodiscard]] boost::asio::awaitable<bool> server_is_there(proxy::async_socket& server
    ) override {
        ++asked_;
        co_return is_there_(server);
    }

    void end_at(time_point until) noexcept { until_ = until; }

    [[nodiscard]] int asked() const noexcept { return asked_; }

private:
    answer is_there_;
    time_point until_ = clock::now() + seconds(60);
    int asked_ = 0;
};

} // namespace wakegate::support
