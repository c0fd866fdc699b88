#include "proxy/cancel/keys/cancel_rate.hpp"

#include <algorithm>
#include <cassert>

namespace wakegate::proxy {
namespace {

/// splitmix64's output function: every bit of the input reaches every bit of the output.
std::uint64_t mix(std::uint64_t bits) noexcept {
    bits = (bits ^ (bits >> 30)) * 0xbf58'476d'1ce4'e5b9;
    bits = (bits ^ (bits >> 27)) * 0x94d0'49bb'1331'11eb;
    return bits ^ (bits >> 31);
}

std::uint64_t hash(const source_network& network, std::uint64_t seed) noexcept {
    return mix(mix(network.bits ^ seed) + (network.is_v6 ? seed : ~seed));
}

} // namespace

cancel_rate::cancel_rate(const cancel_rate_settings& settings, std::uint64_t seed)
    : interval_(duration(seconds(1)) / std::max(settings.per_second, 1U)),
      depth_(interval_ * std::max(settings.burst, 1U)) {
    assert(settings.per_second > 0 && settings.slots > 0);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        rows_[i].seed = mix(seed + i + 1);
        rows_[i].empty_at.resize(std::max<std::size_t>(settings.slots, 1), time_point::min());
    }
}

bool cancel_rate::admit(const source_network& source, time_point now) noexcept {
    const auto slot_of = [&source](row& slots) -> time_point& {
        return slots.empty_at[hash(source, slots.seed) % slots.empty_at.size()];
    };
    auto& first = slot_of(rows_[0]);
    auto& second = slot_of(rows_[1]);
    const auto new_empty_at = std::max(std::min(first, second), now) + interval_;
    if (new_empty_at - now > depth_) {
        return false;
    }
    // The busier slot counts other networks as well; it is only raised to cover this one.
    first = std::max(first, new_empty_at);
    second = std::max(second, new_empty_at);
    return true;
}

} // namespace wakegate::proxy
