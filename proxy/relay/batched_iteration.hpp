#pragma once

#include <cstddef>

namespace wakegate::proxy {

/// Goes through an intrusive list some elements at a time, while others come to its end and leave
/// it anywhere. Each element that stays is met once. `List` outlives it.
template <typename List> class batched_iteration {
public:
    using element = typename List::value_type;

    explicit batched_iteration(List& list) : list_(list), next_(list.end()) {}

    batched_iteration(const batched_iteration&) = delete;
    batched_iteration& operator=(const batched_iteration&) = delete;

    /// From the front; an earlier tour ends here.
    void begin() { next_ = list_.begin(); }

    [[nodiscard]] bool is_over() const { return next_ == list_.end(); }

    /// The next `most` elements, none of which may leave meanwhile.
    template <typename Meet> void go_on(std::size_t most, Meet meet) {
        for (; most > 0 && !is_over(); --most) {
            meet(*next_++);
        }
    }

    /// Before it leaves the list.
    void skip(element& leaving) {
        if (!is_over() && &*next_ == &leaving) {
            ++next_;
        }
    }

private:
    List& list_;
    typename List::iterator next_;
};

} // namespace wakegate::proxy
