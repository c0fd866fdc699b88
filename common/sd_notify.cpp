#include "common/sd_notify.hpp"

#include "common/log.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include <sys/time.h>
#include <unistd.h>

namespace wakegate {
namespace {

/// How long to wait for a manager that is slow to read; then the message is lost.
constexpr seconds send_timeout{1};

std::string take_variable(const char* name) {
    const char* const value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): one thread yet
    std::string result = value == nullptr ? "" : value;
    ::unsetenv(name);
    return result;
}

/// 0 for what is no number.
long long number_in(const std::string& text) {
    long long number = 0;
    const auto* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && rest == end ? number : 0;
}

void warn(std::string_view reason) {
    log::warning("service_manager_unreachable").with("reason", reason);
}

std::string error_text() {
    return std::system_category().message(errno);
}

} // namespace

sd_notifier::~sd_notifier() {
    if (socket_ >= 0) {
        ::close(socket_);
    }
}

void sd_notifier::read_environment() {
    const auto path = take_variable("NOTIFY_SOCKET");
    const auto timeout = number_in(take_variable("WATCHDOG_USEC"));
    const auto watched = take_variable("WATCHDOG_PID");
    if (path.empty()) {
        return;
    }
    connect(path);
    if (timeout > 0 && (watched.empty() || number_in(watched) == ::getpid())) {
        watchdog_timeout_ = std::chrono::microseconds(timeout);
    }
}

void sd_notifier::connect(std::string_view path) {
    // '@' stands for the zero byte of an abstract name, which has no zero byte behind it.
    const bool abstract = path.starts_with('@');
    if (path.size() >= sizeof(address_.sun_path) || !(abstract || path.starts_with('/'))) {
        warn(fmt::format("NOTIFY_SOCKET is '{}', no address of a Unix socket", path));
        return;
    }
    address_.sun_family = AF_UNIX;
    path.copy(address_.sun_path, path.size());
    if (abstract) {
        address_.sun_path[0] = '\0';
    }
    const auto name_size = path.size() + (abstract ? 0 : 1);
    address_size_ = static_cast<::socklen_t>(offsetof(::sockaddr_un, sun_path) + name_size);
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0) {
        warn(error_text());
        return;
    }
    const ::timeval timeout{.tv_sec = send_timeout.count(), .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
}

void sd_notifier::ready(std::string_view status) {
    send(fmt::format("READY=1\nSTATUS={}\n", status));
}

void sd_notifier::reloading() {
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        clock::now().time_since_epoch() // CLOCK_MONOTONIC, as the protocol has it
    );
    send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\n", now.count()));
}

void sd_notifier::reloaded() {
    send("READY=1\n");
}

void sd_notifier::stopping(std::string_view status, milliseconds longest) {
    const std::chrono::microseconds bound = longest;
    send(fmt::format("STOPPING=1\nSTATUS={}\nEXTEND_TIMEOUT_USEC={}\n", status, bound.count()));
}

void sd_notifier::alive() {
    send("WATCHDOG=1\n", MSG_DONTWAIT);
}

void sd_notifier::send(const std::string& message, int flags) {
    if (socket_ < 0) {
        return;
    }
    const auto* const address = reinterpret_cast<const ::sockaddr*>(&address_);
    const auto sent = ::sendto(
        socket_, message.data(), message.size(), flags | MSG_NOSIGNAL, address, address_size_
    );
    if (sent < 0 && !unreachable_) {
        warn(error_text());
    }
    unreachable_ = sent < 0; // one warning, not one per keep-alive
}

watchdog_timer::watchdog_timer(boost::asio::io_context& context, sd_notifier& notifier)
    : notifier_(notifier), timer_(context) {
    if (notifier_.watchdog_timeout() > duration::zero()) {
        schedule();
    }
}

void watchdog_timer::schedule() {
    timer_.expires_after(notifier_.watchdog_timeout() / 2);
    timer_.async_wait([this](const boost::system::error_code& stopped) {
        if (!stopped) {
            notifier_.alive();
            schedule();
        }
    });
}

} // namespace wakegate
