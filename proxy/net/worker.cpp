#include "proxy/net/worker.hpp"

namespace wakegate::proxy {

worker::worker(std::size_t index, milliseconds shortest_user_timeout)
    : index_(index),
      work_(setup_context_.get_executor()),
      load_(std::make_shared<load_guard::counter>(0)),
      relay_(std::make_unique<relay_loop>(shortest_user_timeout)),
      thread_([this] { setup_context_.run(); }) {}

worker::~worker() {
    stop();
}

void worker::stop() {
    setup_context_.stop();
    if (thread_.joinable()) {
        thread_.join();
    }
    relay_.reset();
}

} // namespace wakegate::proxy
