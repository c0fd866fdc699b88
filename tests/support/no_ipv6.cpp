#include <cerrno>
#include <dlfcn.h>

#include <sys/socket.h>

/// When preloaded (ld.so(8), LD_PRELOAD), makes IPv6 sockets fail as on a kernel that was started
/// with `ipv6.disable=1`.
extern "C" int socket(int family, int type, int protocol) noexcept {
    if (family == AF_INET6) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    static const auto original =
        reinterpret_cast<int (*)(int, int, int)>(::dlsym(RTLD_NEXT, "socket"));
    return original(family, type, protocol);
}
