#pragma once

#include "tests/support/loopback.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wakegate::support {

/// How a peer fails at a step.
enum class failure {
    none,
    cut,        ///< closes the connection
    reset,      ///< closes it with a reset
    wrong_byte, ///< sends its bytes with a wrong first one
    silence,    ///< sends nothing more, and stays
};

[[nodiscard]] constexpr std::string_view to_string(failure kind) noexcept {
    constexpr std::array<std::string_view, 5> names{
        "none", "cut", "reset", "wrong_byte", "silence"
    };
    return names.at(static_cast<std::size_t>(kind));
}

/// What a peer reads after it has sent its bytes.
enum class hears {
    nothing,
    byte,
    startup, ///< a message without a type: length and body
    message, ///< type, length and body
};

/// One step of a script, with the error that each of its failures must end in; nullopt: that
/// failure causes no error.
template <typename Errc> struct script_step {
    const char* name;
    /// Gets what the previous step has read, returns what to send; null: sends nothing.
    std::function<std::string(const std::string& message)> says;
    hears then = hears::nothing;
    std::optional<Errc> after_cut = {};
    std::optional<Errc> after_wrong_byte = {};
    std::optional<Errc> after_silence = {};
};

template <typename Errc> using script = std::vector<script_step<Errc>>;

/// A script, the one step that fails, and how it fails.
template <typename Errc> struct failing_script {
    script<Errc> steps;
    std::size_t step = 0; ///< the failing one
    failure kind = failure::none;
};

inline asio::awaitable<std::string> hear_one(tcp::socket& peer, hears expected) {
    if (expected == hears::nothing) {
        co_return std::string();
    }
    if (expected == hears::byte) {
        auto byte = co_await receive(peer, 1);
        co_return byte;
    }
    const std::size_t header_size = expected == hears::message ? 5 : 4;
    auto message = co_await receive(peer, header_size);
    if (message.size() < header_size) {
        co_return message;
    }
    const auto high = static_cast<unsigned char>(message[header_size - 2]);
    const auto low = static_cast<unsigned char>(message[header_size - 1]);
    const std::size_t rest = high * 256U + low - 4U;
    message += co_await receive(peer, rest);
    co_return message;
}

/// Plays the peer, and stays until the other end hangs up, unless the failure is a close.
template <typename Errc> asio::awaitable<void> play(tcp::socket peer, failing_script<Errc> played) {
    std::string message;
    for (std::size_t i = 0; i < played.steps.size(); ++i) {
        const auto& step = played.steps[i];
        const auto kind = i == played.step ? played.kind : failure::none;
        if (kind == failure::reset) {
            peer.set_option(tcp::socket::linger(true, 0));
        }
        if (kind == failure::cut || kind == failure::reset) {
            co_return;
        }
        if (kind == failure::silence) {
            break;
        }
        auto bytes = step.says ? step.says(message) : std::string();
        if (kind == failure::wrong_byte) {
            bytes.front() = static_cast<char>(bytes.front() ^ 0x55);
        }
        const bool is_sent = co_await send_all(peer, bytes);
        if (!is_sent) {
            co_return;
        }
        message = co_await hear_one(peer, step.then);
        if (message.empty() && step.then != hears::nothing) {
            co_return; // the other end has hung up
        }
    }
    co_await receive_to_end(peer);
}

inline std::ptrdiff_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
}

template <typename Errc>
std::optional<Errc> expected_error(const script_step<Errc>& step, failure kind) {
    switch (kind) {
    case failure::none:
        return std::nullopt;
    case failure::cut:
    case failure::reset:
        return step.after_cut;
    case failure::wrong_byte:
        return step.after_wrong_byte;
    case failure::silence:
        break;
    }
    return step.after_silence;
}

/// Runs a script as it is, then again with each step failing in each way; every run must end in the
/// step's own error and leave no descriptor open. `make_script` gives a fresh script; `attempt`
/// runs one against the code under test until both sides are done, and gives the error, or none.
template <typename Errc>
void fail_every_step(
    const std::function<script<Errc>()>& make_script,
    const std::function<std::optional<Errc>(failing_script<Errc>)>& attempt
) {
    EXPECT_EQ(attempt({.steps = make_script()}), std::nullopt) << "the happy script";
    const auto before = open_descriptors();
    const auto steps = make_script();
    for (std::size_t i = 0; i < steps.size(); ++i) {
        for (const auto kind :
             {failure::cut, failure::reset, failure::wrong_byte, failure::silence}) {
            if (kind == failure::wrong_byte && !steps[i].says) {
                continue;
            }
            SCOPED_TRACE(std::string(steps[i].name) + ": " + std::string(to_string(kind)));
            const auto error = attempt({.steps = make_script(), .step = i, .kind = kind});
            EXPECT_EQ(error, expected_error(steps[i], kind));
            EXPECT_EQ(open_descriptors(), before);
        }
    }
}

} // namespace wakegate::support
