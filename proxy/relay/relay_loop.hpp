#pragma once

#include "common/clock.hpp"
#include "proxy/relay/connection_checker.hpp"
#include "proxy/relay/duplex.hpp"
#include "proxy/relay/relay_slot.hpp"
#include "proxy/relay/session_counter.hpp"

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
/// command: the thread that brings it adds it to the epoll set, and the loop registers it with its
/// first event.
class relay_loop {
public:
    /// `shortest_user_timeout`: among the sessions' connections. Three times in it they are checked
    /// for peers whose windows are closed, see `timeout_overrides`. Zero: never.
    /// Throws std::system_error when the kernel refuses an epoll set or an eventfd.
    explicit relay_loop(milliseconds shortest_user_timeout = milliseconds(0));
    relay_loop(const relay_loop&) = delete;
    relay_loop& operator=(const relay_loop&) = delete;
    /// Ends every session that is left.
    ~relay_loop();

    /// Takes the session over, and passes on what the server has sent. Any thread; the owner's
    /// `logged_in` may be called from here.
    void add_session(relay_start session);
    /// Each session ends as soon as it has no transaction open. Any thread.
    void drain();
    /// Probes of these servers have failed. Each session that has one of them ends within seconds
    /// unless its own connection turns out to work, see `timeout_overrides`. Any thread.
    void suspect(server_group servers);
    /// Adds each session to `tally`, a batch in each turn so that sessions are served in between,
    /// and calls `on_counted` on the loop's thread, unless the loop ends first. Any thread.
    void count_sessions(std::shared_ptr<session_tally> tally, std::function<void()> on_counted);

private:
    struct commands {
        bool drain = false;
        bool stop = false;
        std::vector<server_group> suspected;
        std::vector<count_request> counts;
    };

    void run();
    /// False when the loop is to stop.
    [[nodiscard]] bool process_commands(time_point now);
    /// Needs the lock while the slot is not registered.
    void start(relay_slot* slot, time_point now);
    void register_arrivals(time_point now);
    /// False when the kernel refuses; the session can't go on then.
    [[nodiscard]] bool watch(relay_slot* slot, int operation);
    /// Watches EPOLLOUT from the first byte on that waits for room. Watched from the start, it
    /// would cost every new session two events that report room for bytes which nobody has sent.
    [[nodiscard]] bool watch_writable_if_wanted(relay_slot* slot);
    void drain(relay_slot* slot, time_point now);
    void serve(relay_slot* slot, relay_side side, std::uint32_t events, time_point now);
    void serve_unfinished(time_point now);
    void mark_unfinished(relay_slot* slot);
    void end(relay_slot* slot);

    /// Whenever the session's `due` may have changed.
    void update_deadline(relay_slot* slot) {
        if (slot->session.is_timed() || slot->timed) {
            set_deadline(slot);
        }
    }

    void set_deadline(relay_slot* slot);
    void drop_deadline(relay_slot* slot);
    void expire_deadlines(time_point now);
    void wake_by(time_point due);
    void run_checks(time_point now);
    void delete_ended();
    [[nodiscard]] static std::uint64_t tag(relay_slot* slot, relay_side side) noexcept;
    [[nodiscard]] int wait_limit_ms() const;
    template <typename Change> void command(Change change);
    void wake() noexcept;

    file_descriptor epoll_;
    file_descriptor wakeup_fd_;
    std::unique_ptr<char[]> buffer_;
    relay_slot_list slots_;               ///< owned
    std::uint16_t turn_ = 0;              ///< wraps; compared within two turns
    std::vector<relay_slot*> unfinished_; ///< each once
    std::set<std::pair<time_point, relay_slot*>> deadlines_;
    std::vector<relay_slot*> ended_; ///< deleted when no event can name them any more

    connection_checker checker_;
    session_counter<relay_slot_list> counter_{slots_};
    time_point check_due_; ///< the earlier of the two

    std::mutex mutex_;
    relay_slot_list arrivals_; ///< owned; not registered yet
    commands commands_;
    bool draining_ = false; ///< written by the loop, with the lock
    /// When the loop wakes, whatever happens: not after the first deadline, perhaps before it.
    /// Written by the loop, with the lock.
    time_point wakes_at_ = time_point::max();
    std::thread thread_;
};

} // namespace wakegate::proxy
