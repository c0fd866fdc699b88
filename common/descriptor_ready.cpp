#include "common/descriptor_ready.hpp"

#include <poll.h>

namespace wakegate {

bool descriptor_ready(int descriptor, short events) noexcept {
    pollfd entry{.fd = descriptor, .events = events, .revents = 0};
    return ::poll(&entry, 1, 0) > 0;
}

} // namespace wakegate
