#include "tests/support/hostility.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string_view>

namespace wakegate::support {
namespace {

struct settings {
    std::uint32_t seed = 4711;
    std::uint32_t percent = 50;
};

std::uint32_t environment_number(const char* name, std::uint32_t most, std::uint32_t fallback) {
    const auto* const text = std::getenv(name);
    if (text == nullptr) {
        return fallback;
    }
    const std::string_view digits(text);
    std::uint32_t value = 0;
    const auto* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, value);
    if (error != std::errc{} || stopped != end || value > most) {
        std::fprintf(stderr, "%s: '%s' is no number from 0 to %u\n", name, text, most);
        std::_Exit(2);
    }
    return value;
}

void say_what_was_done() {
    const auto& done = trouble_so_far();
    std::fprintf(
        stderr,
        "hostile sockets: cut %llu reads (%llu to one byte) and %llu writes, refused %llu, "
        "interrupted %llu, woke %llu times without a cause\n",
        static_cast<unsigned long long>(done.cut_reads),
        static_cast<unsigned long long>(done.single_byte_reads),
        static_cast<unsigned long long>(done.cut_writes),
        static_cast<unsigned long long>(done.refused),
        static_cast<unsigned long long>(done.interrupted),
        static_cast<unsigned long long>(done.false_alarms)
    );
}

settings load_settings() {
    const settings loaded{
        .seed = environment_number("WAKEGATE_HOSTILE_SEED", UINT32_MAX, settings{}.seed),
        .percent = environment_number("WAKEGATE_HOSTILE_PERCENT", 100, settings{}.percent),
    };
    std::fprintf(stderr, "hostile sockets: seed %u, %u percent\n", loaded.seed, loaded.percent);
    std::atexit(say_what_was_done);
    return loaded;
}

const settings& current() {
    static const settings loaded = load_settings();
    return loaded;
}

std::size_t draw() {
    static std::atomic<std::uint32_t> threads = 0;
    thread_local std::minstd_rand random(current().seed + threads++);
    return random();
}

bool one_in(std::size_t many) {
    return draw() % many == 0;
}

/// Whether this system call gets trouble; asked before every kind of it.
bool is_due() {
    return draw() % 100 < current().percent;
}

} // namespace

call_outcome trouble_generator::next(std::size_t size) {
    if (current().percent == 0) {
        return {trouble::none, size};
    }
    const bool due = is_due();
    if (due && one_in(8)) {
        return {trouble::refused, 0};
    }
    if (due && one_in(16)) {
        return {trouble::interrupted, 0};
    }
    if (due && singles_ == 0 && one_in(16)) {
        singles_ = 1 + draw_below(64);
    }
    auto room = size;
    if (singles_ > 0) {
        room = std::min<std::size_t>(size, 1);
        singles_ -= room;
    } else if (due) {
        constexpr std::array<std::size_t, 7> most{1, 2, 5, 6, 4'096, 65'536, 1 << 20};
        room = std::min(size, most.at(draw_below(most.size())));
    }
    return {room < size ? trouble::cut : trouble::none, room};
}

void trouble_generator::paused() {
    if (is_due()) {
        singles_ = std::max(singles_, header_bytes);
    }
}

bool draws_false_alarm() {
    return is_due() && one_in(4);
}

bool draws_interruption() {
    return is_due() && one_in(16);
}

std::size_t draw_below(std::size_t bound) {
    return draw() % bound;
}

trouble_counts& trouble_so_far() {
    static auto& counts = *new trouble_counts{}; // never destroyed: outlives every thread
    return counts;
}

} // namespace wakegate::support
