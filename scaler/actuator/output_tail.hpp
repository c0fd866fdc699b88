#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace wakegate::actuator {

/// The last lines that a hook has printed, to be logged if it fails.
class output_tail {
public:
    static constexpr std::size_t max_lines = 20;

    void add(std::string_view line);

    [[nodiscard]] const std::deque<std::string>& lines() const noexcept { return lines_; }

    /// How many lines came before the kept ones.
    [[nodiscard]] std::size_t omitted_lines() const noexcept { return omitted_; }

private:
    std::deque<std::string> lines_;
    std::size_t omitted_ = 0;
};

} // namespace wakegate::actuator
