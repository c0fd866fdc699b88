#include "scaler/actuator/line_splitter.hpp"

#include <algorithm>
#include <utility>

namespace wakegate::actuator {

line_splitter::line_splitter(sink lines) : sink_(std::move(lines)) {}

void line_splitter::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto newline = bytes.find('\n');
        const auto line_end = std::min(newline, bytes.size());
        const auto length = std::min(line_end, longest - partial_.size());
        partial_.append(bytes.substr(0, length));
        bytes.remove_prefix(length);
        if (length == line_end && newline != std::string_view::npos) {
            bytes.remove_prefix(1);
            flush();
        } else if (partial_.size() == longest) {
            flush();
        }
    }
}

void line_splitter::flush() {
    if (!partial_.empty() && partial_.back() == '\r') {
        partial_.pop_back();
    }
    if (!partial_.empty()) {
        sink_(partial_);
    }
    partial_.clear();
}

} // namespace wakegate::actuator
