#include "common/text_table.hpp"

#include <algorithm>
#include <utility>

namespace wakegate {
namespace {

constexpr std::string_view gap = "  ";

/// Code points: every byte of UTF-8 but those that continue one.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
    }));
}

void append_cell(
    std::string& line, std::string_view cell, std::size_t width, text_table::alignment side
) {
    const std::string padding(width - width_of(cell), ' ');
    if (side == text_table::alignment::right) {
        line += padding;
    }
    line += cell;
    if (side == text_table::alignment::left) {
        line += padding;
    }
}

} // namespace

std::string printable(std::string_view text) {
    std::string shown(text);
    for (std::size_t at = 0; at < shown.size(); ++at) {
        const auto byte = static_cast<unsigned char>(shown[at]);
        const auto next = at + 1 < shown.size() ? static_cast<unsigned char>(shown[at + 1]) : 0U;
        if (byte < 0x20 || byte == 0x7F) {
            shown[at] = '?';
        } else if (byte == 0xC2 && next >= 0x80 && next < 0xA0) { // U+0080 to U+009F: controls, too
            shown.replace(at, 2, "?");
        }
    }
    return shown;
}

text_table::text_table(std::vector<column> columns) : columns_(std::move(columns)) {}

void text_table::add(std::vector<std::string> cells) {
    cells.resize(columns_.size());
    std::ranges::transform(cells, cells.begin(), printable);
    rows_.push_back(std::move(cells));
}

std::string text_table::render(std::size_t indent) const {
    std::vector<std::string> titles;
    std::vector<std::size_t> widths;
    for (std::size_t at = 0; at < columns_.size(); ++at) {
        titles.push_back(columns_[at].title);
        widths.push_back(width_of(titles.back()));
        for (const auto& row : rows_) {
            widths.back() = std::max(widths.back(), width_of(row[at]));
        }
    }
    std::string page;
    const auto append_line = [&](const std::vector<std::string>& cells) {
        std::string line(indent, ' ');
        for (std::size_t at = 0; at < cells.size(); ++at) {
            line += at == 0 ? std::string_view() : gap;
            append_cell(line, cells[at], widths[at], columns_[at].side);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        page += line + "\n";
    };
    append_line(titles);
    std::ranges::for_each(rows_, append_line);
    return page;
}

} // namespace wakegate
