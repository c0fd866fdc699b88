#pragma once

#include "scaler/state/demand_board.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/registry.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace wakegate::scaler {

/// The scaler's metrics. Counters are kept here; gauges are read from the board at each scrape, so
/// that they agree with the answers to KEDA and vanish with what they measure.
/// Labels are bounded by the proxies' clusters and by the ScaledObjects. Any thread.
class metrics {
public:
    metrics();

    void count_push(const std::string& cluster);
    /// `answer` is a gRPC status in lower case, or "active" and "idle" for IsActive.
    void count_answer(std::string_view rpc, std::string_view answer);

    /// An order by hand: "taken", or why it was not.
    void count_order(std::string_view answer);

    /// Both labels are bounded by the caller.
    void count_trigger_error(const std::string& scaled_object, const std::string& key);

    /// The Prometheus text format.
    [[nodiscard]] std::string
    page(const board_status& status, std::uint64_t log_lines_dropped) const;

private:
    prometheus::Registry registry_;
    prometheus::Family<prometheus::Counter>& pushes_;
    prometheus::Family<prometheus::Counter>& answers_;
    prometheus::Family<prometheus::Counter>& trigger_errors_;
    prometheus::Family<prometheus::Counter>& orders_;
};

} // namespace wakegate::scaler
