#include "proxy/relay/connection_checker.hpp"

#include "proxy/relay/coarse_clock.hpp"

#include <algorithm>
#include <cstddef>

namespace wakegate::proxy {
namespace {

/// As often as the kernel probes a suspected peer.
constexpr auto suspects_interval = seconds(1);

/// So that a closed window is seen well before a user timeout ends its connection.
constexpr int checks_per_timeout = 3;

/// Sessions whose windows are checked in one turn: some 50 microseconds' work.
constexpr std::size_t windows_per_turn = 128;
constexpr auto between_turns = milliseconds(1);

} // namespace

connection_checker::connection_checker(relay_slot_list& slots, milliseconds shortest_user_timeout)
    : slots_(slots), window_interval_(shortest_user_timeout / checks_per_timeout) {
    if (window_interval_ > milliseconds(0)) {
        windows_due_ = coarse_now() + window_interval_;
    }
}

time_point connection_checker::due() const noexcept {
    return std::min(suspects_due_, windows_due_);
}

void connection_checker::check(time_point now) {
    if (now >= suspects_due_) {
        overrides_.refresh(now);
        suspects_due_ = overrides_.has_suspects() ? now + suspects_interval : time_point::max();
    }
    if (now >= windows_due_) {
        check_windows(now);
    }
}

void connection_checker::suspect(server_group servers, time_point now) {
    for (const auto& slot : slots_) {
        if (slot.session.group() == servers) {
            overrides_.suspect(slot.session.descriptor(relay_side::server), now);
        }
    }
    if (overrides_.has_suspects()) {
        suspects_due_ = std::min(suspects_due_, now + suspects_interval);
    }
}

void connection_checker::forget(relay_slot& slot) {
    window_iteration_.before_erase(slot);
    overrides_.forget(slot.session.descriptor(relay_side::client));
    overrides_.forget(slot.session.descriptor(relay_side::server));
}

void connection_checker::check_windows(time_point now) {
    if (window_iteration_.is_over()) {
        window_iteration_.restart();
    }
    window_iteration_.visit(windows_per_turn, [&](const relay_slot& slot) {
        overrides_.check(slot.session.descriptor(relay_side::client), now);
        overrides_.check(slot.session.descriptor(relay_side::server), now);
    });
    windows_due_ = now + (window_iteration_.is_over() ? window_interval_ : between_turns);
}

} // namespace wakegate::proxy
