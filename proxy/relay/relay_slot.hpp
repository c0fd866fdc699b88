#pragma once

#include "common/clock.hpp"
#include "proxy/relay/duplex.hpp"

#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <utility>

namespace wakegate::proxy {

enum class slot_state : std::uint8_t {
    arriving,   ///< among the loop's arrivals, which its lock guards
    registered, ///< among the loop's slots
    ended,      ///< among those that are deleted after the turn
};

enum class start_state : std::uint8_t { pending, started, failed };

/// A session's slot in a relay loop; epoll's events carry its address.
///
/// `state` belongs to the loop's thread:
///
///     arriving   ──▶ registered  an event of any arriving session, a wake-up, or a deadline
///     registered ──▶ ended       the session is over, or epoll refuses to watch it
///     ended      ──▶ deleted     the turn ends: until then its other events may carry the slot
///     any        ──▶ deleted     the loop ends
///
/// `start` belongs to the thread that brings the session, which holds the loop's lock; from
/// `registered` on to the loop's:
///
///     pending ──▶ started  epoll watches the sockets, and the server's first bytes are passed on
///             ──▶ failed   epoll refuses a socket, or the session is over at once
///
/// A slot begins as `arriving` and `pending`, and is started before it is registered. TLS
/// passthrough alone is started by the loop, when it registers the slot. A slot whose start has
/// failed ends when it is registered.
///
/// Two variables, and no bit-fields of one byte: epoll may report the first event while the session
/// is still being started, and the loop's thread then reads `state` without the lock.
///
/// The other flags depend on neither: each says that the slot is in one of the loop's sets.
struct alignas(64) relay_slot {
    explicit relay_slot(relay_start session_start) : session(std::move(session_start)) {}

    // At most eight bytes, so that what `session` begins with is in the same cache line.
    slot_state state = slot_state::arriving;
    start_state start = start_state::pending;
    bool watches_writable = false; ///< epoll reports EPOLLOUT, too
    bool unfinished : 1 = false;   ///< has used up its share of the turn
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
