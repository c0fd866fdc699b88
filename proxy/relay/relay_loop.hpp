#pragma once

#include "common/clock.hpp"
#include "proxy/relay/batched_iteration.hpp"
#include "proxy/relay/duplex.hpp"
#include "proxy/relay/session_counter.hpp"
#include "proxy/relay/timeout_overrides.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace wakegate::proxy {

/// Relays sessions on a thread of its own, over one edge-triggered epoll set and one read buffer
/// for all. A thread of its own, since an epoll set nested in Asio's would cost each wake-up a
/// second epoll_wait and an epoll_ctl.
///
/// Commands come from any thread and take effect within the loop's next turn. A new session is no
/// command: whoever brings it puts it into the set, and the loop meets it with its first event.
class relay_loop {
public:
    /// `shortest_user_timeout`: among the sessions' connections. Three times in it they are looked
    /// at, whether their peers take nothing, see `timeout_overrides`. Zero: never.
    /// Throws std::system_error when the kernel refuses an epoll set or an eventfd.
    explicit relay_loop(milliseconds shortest_user_timeout = milliseconds(0));
    relay_loop(const relay_loop&) = delete;
    relay_loop& operator=(const relay_loop&) = delete;
    /// Ends every session that is left.
    ~relay_loop();

    /// Takes the session over, and passes on what the server has said. Any thread; the owner's
    /// `logged_in` may be called from here.
    void adopt(relay_start start);
    /// Each session ends as soon as it has no transaction open. Any thread.
    void drain();
    /// Probes of these servers have failed. Each session that has one of them ends within seconds
    /// unless its own connection turns out to work, see `timeout_overrides`. Any thread.
    void suspect(server_group servers);
    /// Adds each session to `tally`, some at a time so that others are served in between, and calls
    /// `counted` on the loop's thread. A loop that ends first calls it not. Any thread.
    void count_sessions(std::shared_ptr<session_tally> tally, std::function<void()> counted);

private:
    /// A session's place in the loop; epoll's events name it.
    struct alignas(64) slot {
        explicit slot(relay_start start) : session(std::move(start)) {}

        // Eight bytes, so that what `session` begins with is in the same cache line.
        bool ended = false;          ///< this turn's later events may still name it
        bool registered = false;     ///< among the loop's own; until then only the lock protects it
        bool begun = false;          ///< watched, and the server's words passed on
        bool failed = false;         ///< over before it was seated
        bool watches_room = false;   ///< epoll tells of room for more bytes, too
        bool unfinished : 1 = false; ///< used up its share of the turn
        bool timed : 1 = false;      ///< `due` is among the loop's deadlines
        std::uint16_t served_in = 0; ///< the turn
        duplex session;
        time_point due{}; ///< when `timed`
        boost::intrusive::list_member_hook<> in_slots;
    };

    using slot_list = boost::intrusive::list<
        slot,
        boost::intrusive::member_hook<slot, boost::intrusive::list_member_hook<>, &slot::in_slots>>;

    struct commands {
        bool drain = false;
        bool stop = false;
        std::vector<server_group> suspected;
        std::vector<count_request> counts;
    };

    void run();
    /// False when the loop is to stop.
    [[nodiscard]] bool process_commands(time_point now);
    /// Needs the lock while the session is not seated.
    void begin(slot* place, time_point now);
    void register_arrivals(time_point now);
    /// False when the kernel refuses; the session can't go on then.
    [[nodiscard]] bool watch(slot* place, int operation);
    /// Has epoll tell of room from the first byte on that waits for it. If it did before, every new
    /// session would come with two events which say that nothing has been sent yet.
    [[nodiscard]] bool watch_room_if_wanted(slot* place);
    void drain(slot* place, time_point now);
    void serve(slot* place, relay_side side, std::uint32_t events, time_point now);
    void serve_again(time_point now);
    void leave_for_next_turn(slot* place);
    void end(slot* place);

    /// Whenever the session's `due` may have changed.
    void note_deadline(slot* place) {
        if (place->session.is_timed() || place->timed) {
            set_deadline(place);
        }
    }

    void set_deadline(slot* place);
    void drop_deadline(slot* place);
    void meet_deadlines(time_point now);
    void wake_until(time_point due);
    void suspect(server_group servers, time_point now);
    void check_connections(time_point now);
    void check_windows(time_point now);
    void delete_ended();
    [[nodiscard]] static std::uint64_t tag(slot* place, relay_side side) noexcept;
    [[nodiscard]] int wait_limit_ms() const;
    template <typename Change> void command(Change change);
    void wake() noexcept;

    file_descriptor epoll_;
    file_descriptor wakeup_fd_;
    std::unique_ptr<char[]> buffer_;
    slot_list slots_;               ///< owned
    std::uint16_t turn_ = 0;        ///< wraps; compared within two turns
    std::vector<slot*> unfinished_; ///< each once
    std::set<std::pair<time_point, slot*>> deadlines_;
    std::vector<slot*> ended_; ///< deleted when no event can name them any more

    const milliseconds check_interval_;
    timeout_overrides overrides_;
    time_point check_due_ = time_point::max(); ///< the earliest of the next two and of `counter_`
    time_point suspects_due_ = time_point::max();
    time_point windows_due_ = time_point::max();
    batched_iteration<slot_list> window_tour_{slots_};
    session_counter<slot_list> counter_{slots_};

    std::mutex mutex_;
    slot_list arrivals_; ///< owned; not seated yet
    commands commands_;
    bool draining_ = false; ///< written by the loop, with the lock
    /// When the loop wakes, whatever happens: not after the first deadline, perhaps before it.
    /// Written by the loop, with the lock.
    time_point wakes_at_ = time_point::max();
    std::thread thread_;
};

} // namespace wakegate::proxy
