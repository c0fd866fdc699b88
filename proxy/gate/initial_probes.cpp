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

constexpr std::size_t max_probes_under_way = 16;

struct probe_queue {
    std::vector<gate_service*> gates;
    std::size_t next = 0;
};

asio::awaitable<void> probe_in_turn(std::shared_ptr<probe_queue> queue) {
    while (queue->next < queue->gates.size()) {
        auto* const gate = queue->gates[queue->next++];
        [[maybe_unused]] const bool is_there = co_await gate->probe_now();
    }
}

} // namespace

void probe_all(asio::io_context& control, std::vector<gate_service*> gates) {
    const auto queue = std::make_shared<probe_queue>(probe_queue{.gates = std::move(gates)});
    const auto probes = std::min(max_probes_under_way, queue->gates.size());
    for (std::size_t i = 0; i < probes; ++i) {
        asio::co_spawn(control, probe_in_turn(queue), asio::detached);
    }
}

} // namespace wakegate::proxy
