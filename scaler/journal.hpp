#pragma once

#include "scaler/metrics.hpp"
#include "scaler/state/demand_board.hpp"

#include <string>
#include <string_view>

namespace wakegate::scaler {

/// Writes down what happened: logs for people, counters for machines. Any thread; never called
/// with a lock held.
class journal {
public:
    explicit journal(metrics& counters) : counters_(counters) {}

    void record(const board_changes& changes);
    void answered(std::string_view rpc, const std::string& cluster, std::string_view answer);
    /// `reason` as it went to the caller.
    void refused(std::string_view rpc, std::string_view status, std::string_view reason);
    void stream_opened(const std::string& cluster, std::string_view scaled_object);
    void stream_closed(const std::string& cluster, std::string_view scaled_object);

private:
    metrics& counters_;
};

} // namespace wakegate::scaler
