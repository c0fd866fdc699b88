#include "common/log.hpp"
#include "common/sd_notify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace wakegate {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

/// The service manager's socket: reads a program's messages.
class sd_notify_socket : public testing::Test {
protected:
    sd_notify_socket() {
        ::sockaddr_un address{};
        address.sun_family = AF_UNIX;
        // Binding with a family and no path makes the kernel choose an abstract name.
        EXPECT_EQ(::bind(socket_, as_any(address), sizeof(address.sun_family)), 0);
        ::socklen_t size = sizeof(address);
        EXPECT_EQ(::getsockname(socket_, as_any(address), &size), 0);
        name_.assign(address.sun_path, size - offsetof(::sockaddr_un, sun_path));
        name_.front() = '@';
        const ::timeval timeout{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    }

    ~sd_notify_socket() override {
        ::close(socket_);
        for (const auto* const variable : variables) {
            ::unsetenv(variable);
        }
    }

    static ::sockaddr* as_any(::sockaddr_un& address) {
        return reinterpret_cast<::sockaddr*>(&address);
    }

    /// One message; empty after ten seconds without.
    [[nodiscard]] std::string next() const {
        std::array<char, 1024> buffer{};
        const auto size = ::recv(socket_, buffer.data(), buffer.size(), 0);
        return {buffer.data(), size < 0 ? 0 : static_cast<std::size_t>(size)};
    }

    static constexpr std::array variables{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"};
    int socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    std::string name_;
};

TEST_F(sd_notify_socket, is_told_of_each_state) {
    ::setenv("NOTIFY_SOCKET", name_.c_str(), 1);
    sd_notifier notifier;
    notifier.read_environment();
    notifier.ready("3 clusters");
    EXPECT_EQ(next(), "READY=1\nSTATUS=3 clusters\n");
    notifier.reloading();
    EXPECT_THAT(next(), MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+\n"));
    notifier.reloaded();
    EXPECT_EQ(next(), "READY=1\n");
    notifier.stopping("draining", seconds(40));
    EXPECT_EQ(next(), "STOPPING=1\nSTATUS=draining\nEXTEND_TIMEOUT_USEC=40000000\n");
    notifier.alive();
    EXPECT_EQ(next(), "WATCHDOG=1\n");
}

TEST_F(sd_notify_socket, is_no_business_of_child_processes) {
    ::setenv("NOTIFY_SOCKET", name_.c_str(), 1);
    ::setenv("WATCHDOG_USEC", "1000000", 1);
    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
    sd_notifier notifier;
    notifier.read_environment();
    for (const auto* const variable : variables) {
        EXPECT_EQ(std::getenv(variable), nullptr) << variable;
    }
    EXPECT_EQ(notifier.watchdog_timeout(), seconds(1));
}

TEST_F(sd_notify_socket, watches_the_process_it_names) {
    ::setenv("NOTIFY_SOCKET", name_.c_str(), 1);
    ::setenv("WATCHDOG_USEC", "1000000", 1);
    ::setenv("WATCHDOG_PID", "1", 1);
    sd_notifier notifier;
    notifier.read_environment();
    EXPECT_EQ(notifier.watchdog_timeout(), duration::zero());
}

TEST_F(sd_notify_socket, hears_of_a_loop_that_turns) {
    ::setenv("NOTIFY_SOCKET", name_.c_str(), 1);
    ::setenv("WATCHDOG_USEC", "20000", 1);
    sd_notifier notifier;
    notifier.read_environment();
    boost::asio::io_context context{1};
    const watchdog_timer tested(context, notifier);
    for (int count = 0; count < 3; ++count) {
        ASSERT_EQ(context.run_one(), 1U);
        EXPECT_EQ(next(), "WATCHDOG=1\n");
    }
}

TEST_F(sd_notify_socket, is_missing_without_its_socket) {
    ::setenv("WATCHDOG_USEC", "20000", 1);
    sd_notifier notifier;
    notifier.read_environment();
    notifier.ready("to nobody");
    boost::asio::io_context context{1};
    const watchdog_timer tested(context, notifier);
    EXPECT_EQ(context.run(), 0U);
}

std::string captured_log() {
    EXPECT_TRUE(log::flush(seconds(10)));
    return testing::internal::GetCapturedStderr();
}

TEST_F(sd_notify_socket, that_is_gone_is_a_warning) {
    for (const std::string path : {"relative", "/nowhere/notify", "@wakegate-nobody"}) {
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
        testing::internal::CaptureStderr();
        sd_notifier notifier;
        notifier.read_environment();
        notifier.ready("to nobody");
        EXPECT_THAT(captured_log(), HasSubstr("service_manager_unreachable")) << path;
    }
}

TEST_F(sd_notify_socket, that_does_not_read_holds_no_loop_up) {
    ::setenv("NOTIFY_SOCKET", name_.c_str(), 1);
    sd_notifier notifier;
    notifier.read_environment();
    testing::internal::CaptureStderr();
    for (int count = 0; count < 10'000; ++count) {
        notifier.alive(); // far more than the socket's queue takes
    }
    EXPECT_THAT(captured_log(), HasSubstr("service_manager_unreachable"));
}

} // namespace
} // namespace wakegate
