#include "proxy/gate/initial_probes.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

constexpr std::size_t looks_at_one_time = 16;

struct look_queue {
    std::vector<gate_service*> keepers;
    std::size_t next = 0;
};

asio::awaitable<void> look_in_turn(std::shared_ptr<look_queue> queue) {
    while (queue->next < queue->keepers.size()) {
        auto* const keeper = queue->keepers[queue->next++];
        [[maybe_unused]] const bool is_there = co_await keeper->probe_now();
    }
}

} // namespace

void probe_all(asio::io_context& control, std::vector<gate_service*> keepers) {
    const auto queue = std::make_shared<look_queue>(look_queue{.keepers = std::move(keepers)});
    const auto looks = std::min(looks_at_one_time, queue->keepers.size());
    for (std::size_t i = 0; i < looks; ++i) {
        asio::co_spawn(control, look_in_turn(queue), asio::detached);
    }
}

} // namespace wakegate::proxy
