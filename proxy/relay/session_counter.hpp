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

struct count_request {
    std::shared_ptr<session_tally> tally;
    std::function<void()> on_counted; ///< called on the loop's thread
};

/// Counts a loop's sessions for one request after the other, a batch in each turn, so that the loop
/// serves sessions in between. `List` holds the loop's slots. Lives on its thread.
template <typename List> class session_counter {
public:
    explicit session_counter(List& slots) : iteration_(slots) {}

    void add(std::vector<count_request> requests, time_point now) {
        for (auto& request : requests) {
            requests_.push_back(std::move(request));
            if (requests_.size() == 1) {
                iteration_.restart();
                due_ = now;
            }
        }
    }

    /// When to call `count_batch`; `time_point::max()` for never.
    [[nodiscard]] time_point due() const noexcept { return due_; }

    void count_batch(time_point now) {
        iteration_.visit(batch_size, [this](const auto& slot) {
            slot.session.add_to(*requests_.front().tally);
        });
        due_ = now + between_turns;
        if (iteration_.is_over()) {
            const auto request = std::move(requests_.front());
            requests_.erase(requests_.begin());
            iteration_.restart();
            due_ = requests_.empty() ? time_point::max() : due_;
            request.on_counted();
        }
    }

    void before_erase(typename List::value_type& slot) { iteration_.before_erase(slot); }

private:
    /// Some 100 microseconds' work: each session costs a cache miss.
    static constexpr std::size_t batch_size = 512;
    static constexpr auto between_turns = milliseconds(1);

    batched_iteration<List> iteration_;
    std::vector<count_request> requests_;
    time_point due_ = time_point::max();
};

} // namespace wakegate::proxy
