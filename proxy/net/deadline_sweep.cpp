#include "proxy/net/deadline_sweep.hpp"

#include <boost/asio/io_context.hpp>

namespace wakegate::proxy {

namespace asio = boost::asio;

asio::execution_context::id deadline_sweep::id;

deadline_sweep::deadline_sweep(asio::execution_context& context)
    : asio::execution_context::service(context), timer_(static_cast<asio::io_context&>(context)) {}

deadline_sweep& deadline_sweep::of(const asio::any_io_executor& executor) {
    return asio::use_service<deadline_sweep>(asio::query(executor, asio::execution::context));
}

void deadline_sweep::add(deadline& entry) {
    deadlines_.insert(entry);
    if (!armed_) {
        arm();
    }
}

void deadline_sweep::remove(deadline& entry) noexcept {
    deadlines_.erase(deadlines_.iterator_to(entry));
}

void deadline_sweep::arm() {
    armed_ = true;
    timer_.expires_after(period);
    timer_.async_wait([this](boost::system::error_code stopped) {
        armed_ = false;
        if (!stopped) {
            sweep();
        }
    });
}

/// Expired ones stay and are swept again: a wait may begin between the expiry and the owner's
/// seeing it, and must end too.
void deadline_sweep::sweep() {
    const auto now = clock::now();
    for (auto& entry : deadlines_) {
        if (entry.at > now) {
            break;
        }
        entry.expired = true;
        boost::system::error_code ignored;
        entry.socket.cancel(ignored);
    }
    if (!deadlines_.empty()) {
        arm();
    }
}

} // namespace wakegate::proxy
