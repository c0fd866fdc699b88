#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
} // namespace prometheus

namespace wakegate::actuator {

/// References stay valid as long as the `metrics` they came from.
struct object_metrics {
    prometheus::Gauge& replicas;
    prometheus::Gauge& stream_connected;
    prometheus::Counter& activations;
    prometheus::Counter& poll_failures;
};

struct hook_metrics {
    prometheus::Histogram& duration; ///< seconds
    prometheus::Counter& failures;
};

/// What /metrics shows. Label values come from the configuration only.
class metrics {
public:
    metrics();
    metrics(const metrics&) = delete;
    metrics& operator=(const metrics&) = delete;
    ~metrics();

    [[nodiscard]] object_metrics of_object(std::string_view scaled_object);
    [[nodiscard]] hook_metrics of_hook(std::string_view hook);
    /// Prometheus' text format.
    [[nodiscard]] std::string text(std::uint64_t log_lines_dropped) const;

private:
    struct families;
    std::unique_ptr<families> families_;
};

} // namespace wakegate::actuator
