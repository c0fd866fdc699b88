#include "scaler/actuator/spawn.hpp"

#include "common/signals.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wakegate::actuator {
namespace {

std::error_code system_error(int number) {
    return {number, std::system_category()};
}

class file_actions {
public:
    explicit file_actions(int output) {
        posix_spawn_file_actions_init(&value_);
        posix_spawn_file_actions_addopen(&value_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&value_, output, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&value_, output, STDERR_FILENO);
        // Asio opens its sockets without CLOEXEC.
        posix_spawn_file_actions_addclosefrom_np(&value_, STDERR_FILENO + 1);
    }

    file_actions(const file_actions&) = delete;
    file_actions& operator=(const file_actions&) = delete;

    ~file_actions() { posix_spawn_file_actions_destroy(&value_); }

    [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &value_; }

private:
    posix_spawn_file_actions_t value_{};
};

class spawn_attributes {
public:
    spawn_attributes() {
        posix_spawnattr_init(&value_);
        posix_spawnattr_setpgroup(&value_, 0);
        sigset_t signals{};
        sigemptyset(&signals);
        posix_spawnattr_setsigmask(&value_, &signals);
        for (const int number : ignored_signals) {
            sigaddset(&signals, number); // else the child would ignore it, too
        }
        posix_spawnattr_setsigdefault(&value_, &signals);
        constexpr int flags =
            POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
        posix_spawnattr_setflags(&value_, flags);
    }

    spawn_attributes(const spawn_attributes&) = delete;
    spawn_attributes& operator=(const spawn_attributes&) = delete;

    ~spawn_attributes() { posix_spawnattr_destroy(&value_); }

    [[nodiscard]] const posix_spawnattr_t* get() const { return &value_; }

private:
    posix_spawnattr_t value_{};
};

std::string_view name_of(std::string_view entry) {
    return entry.substr(0, entry.find('='));
}

std::vector<std::string> merged_environment(const std::vector<std::string>& over) {
    std::vector<std::string> result = over;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const auto replaces = [entry](const std::string& candidate) {
            return name_of(candidate) == name_of(*entry);
        };
        if (std::none_of(over.begin(), over.end(), replaces)) {
            result.emplace_back(*entry);
        }
    }
    return result;
}

/// `texts` outlive the result.
std::vector<char*> c_strings(std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (auto& text : texts) {
        result.push_back(text.data());
    }
    result.push_back(nullptr);
    return result;
}

void kill_and_reap(pid_t pid) {
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
}

spawned_child spawn_with_output(
    const std::vector<std::string>& argv, const std::vector<std::string>& environment, int output
) {
    auto arguments = argv;
    auto variables = merged_environment(environment);
    const auto argument_pointers = c_strings(arguments);
    const auto variable_pointers = c_strings(variables);
    const file_actions actions(output);
    const spawn_attributes attributes;
    // A program may be started with SIGCHLD ignored: then the kernel reaps the child, and its exit
    // status is lost.
    ::signal(SIGCHLD, SIG_DFL);
    spawned_child child;
    const int failure = ::posix_spawnp(
        &child.pid,
        argv.front().c_str(),
        actions.get(),
        attributes.get(),
        argument_pointers.data(),
        variable_pointers.data()
    );
    if (failure != 0) {
        child.error = system_error(failure);
        return child;
    }
    // Debian 12's glibc has no wrapper for it yet.
    child.exit_fd = static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0));
    if (child.exit_fd < 0) {
        child.error = system_error(errno);
        kill_and_reap(child.pid);
    }
    return child;
}

} // namespace

spawned_child
spawn_in_group(const std::vector<std::string>& argv, const std::vector<std::string>& environment) {
    std::array<int, 2> pipe_ends{};
    if (::pipe2(pipe_ends.data(), O_CLOEXEC) != 0) {
        return {.error = system_error(errno)};
    }
    const auto [read_end, write_end] = pipe_ends;
    // Only our end: the child's programs expect blocking output.
    ::fcntl(read_end, F_SETFL, O_NONBLOCK);
    auto child = spawn_with_output(argv, environment, write_end);
    ::close(write_end);
    if (child.error) {
        ::close(read_end);
        return child;
    }
    child.output_fd = read_end;
    return child;
}

} // namespace wakegate::actuator
