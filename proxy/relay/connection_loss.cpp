#include "proxy/relay/connection_loss.hpp"

#include <cerrno>

namespace wakegate::proxy {

void connection_loss::note(int error) noexcept {
    if (error_ == 0 && error != EPIPE) {
        error_ = static_cast<std::int16_t>(error);
    }
}

} // namespace wakegate::proxy
