#include "scaler/actuator/output_tail.hpp"

namespace wakegate::actuator {

void output_tail::add(std::string_view line) {
    lines_.emplace_back(line);
    if (lines_.size() > most_lines) {
        lines_.pop_front();
        ++left_out_;
    }
}

} // namespace wakegate::actuator
