#pragma once

#include "common/clock.hpp"
#include "proxy/session/session_tally.hpp"

#include <boost/intrusive/list.hpp>

#include <utility>

namespace wakegate::proxy {

/// A session's entry in its setup thread's list of sessions that wait for a server or log in. In no
/// list at first. Lives on that thread.
class held_entry : public boost::intrusive::list_base_hook<
                       boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    [[nodiscard]] time_point since() const noexcept { return since_; }

    /// Relayed, or refused.
    void end() noexcept { unlink(); }

private:
    friend class held_sessions;

    client_group_ptr group_;
    time_point since_{};
};

/// One setup thread's list. Lives on that thread and outlives the entries.
class held_sessions {
public:
    void add(held_entry& entry, client_group_ptr group, time_point since) {
        entry.group_ = std::move(group);
        entry.since_ = since;
        entries_.push_back(entry);
    }

    void add_to(session_tally& tally) const {
        for (const auto& each : entries_) {
            tally.add(each.group_, session_activity::held, each.since_);
        }
    }

private:
    boost::intrusive::list<held_entry, boost::intrusive::constant_time_size<false>> entries_;
};

/// The clients of one setup thread. Lives on that thread and outlives its sessions.
struct alignas(64) setup_thread_clients {
    client_groups groups;
    held_sessions held;
};

} // namespace wakegate::proxy
