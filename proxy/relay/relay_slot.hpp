#pragma once

#include "common/clock.hpp"
#include "proxy/relay/duplex.hpp"

#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <utility>

namespace wakegate::proxy {

/// A session's slot in a relay loop; epoll's events carry its address. Its states are two, because
/// two threads see it: the one that brings the session starts it under the loop's lock, while the
/// loop's own may be woken by its first event already, and reads `phase` without the lock.
///
/// `phase`, of the loop's thread:
///
///     arriving ──(next turn, or its first event)──▶ registered ──(it is over)──▶ ended, deleted
///                                                                         after the turn, since
///                                                                         later events may name it
///
/// `start`, with the lock until it is registered:
///
///     pending ──▶ started   epoll watches it, and what the server had said has been passed on
///             ──▶ failed    it was over at once, and ends when it is registered
///
/// The other flags are independent of these and of each other: each says that the slot is in one of
/// the loop's sets.
struct alignas(64) relay_slot {
    enum class phase_type : std::uint8_t { arriving, registered, ended };
    enum class start_type : std::uint8_t { pending, started, failed };

    explicit relay_slot(relay_start starting) : session(std::move(starting)) {}

    // Eight bytes, so that what `session` begins with is in the same cache line.
    phase_type phase = phase_type::arriving;
    start_type start = start_type::pending;
    bool watches_writable = false; ///< epoll tells of room for more bytes, too
    bool unfinished : 1 = false;   ///< used up its share of the turn
    bool timed : 1 = false;        ///< `due` is among the loop's deadlines
    std::uint16_t served_in = 0;   ///< the turn
    duplex session;
    time_point due{}; ///< when `timed`
    boost::intrusive::list_member_hook<> in_slots;
};

using relay_slot_list = boost::intrusive::list<
    relay_slot,
    boost::intrusive::
        member_hook<relay_slot, boost::intrusive::list_member_hook<>, &relay_slot::in_slots>>;

} // namespace wakegate::proxy
