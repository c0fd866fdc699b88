#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace wakegate::actuator {

/// Cuts a byte stream into lines for the log. A line longer than `longest` comes out in pieces, so
/// that output without newlines can't fill the memory. Empty lines are left out.
class line_splitter {
public:
    static constexpr std::size_t longest = 4096;

    using sink = std::function<void(std::string_view line)>;

    explicit line_splitter(sink lines);

    void feed(std::string_view bytes);
    /// Passes on what came after the last newline.
    void flush();

private:
    sink sink_;
    std::string partial_;
};

} // namespace wakegate::actuator
