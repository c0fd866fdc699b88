#include "scaler/actuator/hook_words.hpp"

namespace wakegate::actuator {

void hook_words::add(std::string_view line) {
    lines_.emplace_back(line);
    if (lines_.size() > most_lines) {
        lines_.pop_front();
        ++left_out_;
    }
}

} // namespace wakegate::actuator
