#pragma once

#include "common/clock.hpp"
#include "proxy/relay/batched_iteration.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace wakegate::proxy {

class session_tally;

/// Somebody waits for a count of a loop's sessions.
struct count_request {
    std::shared_ptr<session_tally> tally;
    std::function<void()> counted; ///< on the loop's thread
};

/// Meets such requests one after the other, each time some sessions only, so that the loop serves
/// others in between. `List` holds the loop's seats. Lives on its thread.
template <typename List> class session_counter {
public:
    explicit session_counter(List& slots) : tour_(slots) {}

    void add(std::vector<count_request> requests, time_point now) {
        for (auto& each : requests) {
            requests_.push_back(std::move(each));
            if (requests_.size() == 1) {
                tour_.begin();
                due_ = now;
            }
        }
    }

    /// When to call `go_on`; `time_point::max()` for never.
    [[nodiscard]] time_point due() const noexcept { return due_; }

    void go_on(time_point now) {
        tour_.go_on(sessions_per_turn, [this](const auto& slot) {
            slot.session.add_to(*requests_.front().tally);
        });
        due_ = now + between_turns;
        if (tour_.is_over()) {
            const auto done = std::move(requests_.front());
            requests_.erase(requests_.begin());
            tour_.begin();
            due_ = requests_.empty() ? time_point::max() : due_;
            done.counted();
        }
    }

    /// Before a seat leaves the list.
    void skip(typename List::value_type& leaving) { tour_.skip(leaving); }

private:
    /// Some 100 microseconds' work: each is in memory that has to come from far away.
    static constexpr std::size_t sessions_per_turn = 512;
    static constexpr auto between_turns = milliseconds(1);

    batched_iteration<List> tour_;
    std::vector<count_request> requests_;
    time_point due_ = time_point::max();
};

} // namespace wakegate::proxy
