#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

/// The entry each target defines; libFuzzer or replay_main.cpp calls it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace wakegate::fuzz {

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Removes from the front of `input` a two-byte size and a piece of that size, and returns the
/// piece, or the rest when there is less. Takes at least one byte of an input that is not empty.
inline std::string_view take_sized(std::string_view& input) {
    constexpr std::size_t prefix = 2;
    if (input.size() < prefix) {
        return std::exchange(input, {});
    }
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(input[at]); };
    const auto piece = input.substr(prefix, std::size_t{byte(0)} << 8 | byte(1));
    input.remove_prefix(prefix + piece.size());
    return piece;
}

/// Unlike assert it also holds in a release build.
inline void require(bool holds, const char* property) {
    if (!holds) {
        std::fprintf(stderr, "property violated: %s\n", property);
        std::abort();
    }
}

} // namespace wakegate::fuzz
