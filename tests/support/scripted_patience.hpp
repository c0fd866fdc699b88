#pragma once

#include "proxy/session/login_patience.hpp"

#include <functional>
#include <utility>

namespace wakegate::support {

/// Says what a test wants of a server that is silent, and counts how often it is asked.
class scripted_patience final : public proxy::login_patience {
public:
    using answer = std::function<bool(proxy::front_socket& server)>;

    /// By default no silent server is there.
    explicit scripted_patience(answer is_there = [](auto&) { return false; })
        : is_there_(std::move(is_there)) {}

    [[nodiscard]] time_point until() const noexcept override { return until_; }

    [[nodiscard]] boost::asio::awaitable<bool> server_is_there(proxy::front_socket& server
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
