#include "proxy/net/worker.hpp"

namespace wakegate::proxy {

worker::worker(std::size_t index)
    : index_(index),
      work_(front_.get_executor()),
      load_(std::make_shared<std::atomic<std::size_t>>(0)),
      relay_(std::make_unique<relay_loop>()),
      thread_([this] { front_.run(); }) {}

worker::~worker() {
    stop();
}

std::shared_ptr<void> worker::take_load() {
    ++*load_;
    return {nullptr, [counter = load_](void*) { --*counter; }};
}

void worker::stop() {
    front_.stop();
    if (thread_.joinable()) {
        thread_.join();
    }
    relay_.reset();
}

} // namespace wakegate::proxy
