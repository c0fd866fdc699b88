#include "common/descriptor_ready.hpp"

#include <poll.h>

namespace wakegate {

bool descriptor_ready(int descriptor, short events) noexcept {
    pollfd asked{.fd = descriptor, .events = events, .revents = 0};
    return ::poll(&asked, 1, 0) > 0;
}

} // namespace wakegate
