#include "proxy/gate/wake_history.hpp"

#include <algorithm>

namespace wakegate::proxy {

void wake_history::note(duration took) noexcept {
    last_[count_ % remembered] = took;
    ++count_;
    auto sorted = last_;
    const auto known = static_cast<std::ptrdiff_t>(std::min(count_, remembered));
    std::sort(sorted.begin(), sorted.begin() + known);
    typical_ = sorted[static_cast<std::size_t>(known) / 2].count();
}

std::optional<duration> wake_history::typical() const noexcept {
    const duration median(typical_.load());
    return median > duration(0) ? std::optional(median) : std::nullopt;
}

} // namespace wakegate::proxy
