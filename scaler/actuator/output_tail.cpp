#include "scaler/actuator/output_tail.hpp"

namespace wakegate::actuator {

void output_tail::add(std::string_view line) {
    lines_.emplace_back(line);
    if (lines_.size() > max_lines) {
        lines_.pop_front();
        ++omitted_;
    }
}

} // namespace wakegate::actuator
