#pragma once

#include <cstddef>

namespace wakegate::proxy {

/// Iterates over an intrusive list a batch at a time, while elements are appended to it and erased
/// anywhere in between. Each element that stays is visited once. `List` outlives it.
template <typename List> class batched_iteration {
public:
    using value_type = typename List::value_type;

    explicit batched_iteration(List& list) : list_(list), next_(list.end()) {}

    batched_iteration(const batched_iteration&) = delete;
    batched_iteration& operator=(const batched_iteration&) = delete;

    /// From the first element.
    void restart() { next_ = list_.begin(); }

    [[nodiscard]] bool is_over() const { return next_ == list_.end(); }

    /// Calls `visitor` with the next elements, at most so many. It may erase none.
    template <typename Visitor> void visit(std::size_t max, Visitor visitor) {
        for (; max > 0 && !is_over(); --max) {
            visitor(*next_++);
        }
    }

    void before_erase(value_type& element) {
        if (!is_over() && &*next_ == &element) {
            ++next_;
        }
    }

private:
    List& list_;
    typename List::iterator next_;
};

} // namespace wakegate::proxy
