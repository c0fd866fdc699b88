#include "proxy/relay/connection_loss.hpp"

#include <cerrno>
#include <system_error>

namespace wakegate::proxy {

void connection_loss::note(int error) noexcept {
    if (error_ == 0 && error != EPIPE) {
        error_ = static_cast<std::int16_t>(error);
    }
}

std::string connection_loss::describe() const {
    if (error_ == 0) {
        return "the server closed the connection unexpectedly";
    }
    return "the connection to the server was lost: " + std::generic_category().message(error_);
}

} // namespace wakegate::proxy
