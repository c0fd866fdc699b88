#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wakegate {

/// A table in plain text, for people who read /status with curl: a line of titles, then the
/// rows, columns as wide as their widest cell and two spaces apart. No line ends in spaces.
///
/// Cells may hold clients' text: what is not printable is shown as '?', so that it can't begin a
/// line of its own or control a terminal. Widths are counted in code points of UTF-8.
class text_table {
public:
    enum class alignment : std::uint8_t { left, right };

    struct column {
        std::string title;
        alignment side = alignment::left;
    };

    explicit text_table(std::vector<column> columns);

    /// Cells that are missing stay empty, those beyond the last column are dropped.
    void add(std::vector<std::string> cells);

    [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

    /// Each line ends in a newline; `indent` spaces come before each.
    [[nodiscard]] std::string render(std::size_t indent = 0) const;

private:
    std::vector<column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

/// `text` on one line, for a terminal: control characters become '?'.
[[nodiscard]] std::string printable(std::string_view text);

} // namespace wakegate
