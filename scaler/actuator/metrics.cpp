#include "scaler/actuator/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace wakegate::actuator {

struct metrics::families {
    template <typename Metric> using family = prometheus::Family<Metric>;

    prometheus::Registry registry;
    family<prometheus::Gauge>& replicas =
        prometheus::BuildGauge()
            .Name("wakegate_actuator_replicas")
            .Help("Replicas the last hook left running, as far as known")
            .Register(registry);
    family<prometheus::Gauge>& stream_connected =
        prometheus::BuildGauge()
            .Name("wakegate_actuator_stream_connected")
            .Help("1 while activations can be pushed to this scaled object")
            .Register(registry);
    family<prometheus::Counter>& activations =
        prometheus::BuildCounter()
            .Name("wakegate_actuator_activations_total")
            .Help("Scale-outs from zero or idle that succeeded")
            .Register(registry);
    family<prometheus::Counter>& poll_failures =
        prometheus::BuildCounter()
            .Name("wakegate_actuator_poll_failures_total")
            .Help("Polls without an answer; replicas were kept")
            .Register(registry);
    family<prometheus::Histogram>& hook_seconds = prometheus::BuildHistogram()
                                                      .Name("wakegate_actuator_hook_seconds")
                                                      .Help("How long hooks ran, failed ones too")
                                                      .Register(registry);
    family<prometheus::Counter>& hook_failures = prometheus::BuildCounter()
                                                     .Name("wakegate_actuator_hook_failures_total")
                                                     .Help("Hooks that failed or overran")
                                                     .Register(registry);
    prometheus::Counter& log_lines_dropped =
        prometheus::BuildCounter()
            .Name("wakegate_actuator_log_lines_dropped_total")
            .Help("Log lines that nobody read in time, or that could not be written")
            .Register(registry)
            .Add({});
};

metrics::metrics() : families_(std::make_unique<families>()) {}

metrics::~metrics() = default;

object_metrics metrics::of_object(std::string_view scaled_object) {
    const prometheus::Labels labels{{"scaled_object", std::string(scaled_object)}};
    return {
        .replicas = families_->replicas.Add(labels),
        .stream_connected = families_->stream_connected.Add(labels),
        .activations = families_->activations.Add(labels),
        .poll_failures = families_->poll_failures.Add(labels),
    };
}

hook_metrics metrics::of_hook(std::string_view hook) {
    const prometheus::Labels labels{{"hook", std::string(hook)}};
    const prometheus::Histogram::BucketBoundaries seconds{
        0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120
    };
    return {
        .duration = families_->hook_seconds.Add(labels, seconds),
        .failures = families_->hook_failures.Add(labels),
    };
}

std::string metrics::text(std::uint64_t log_lines_dropped) const {
    auto& dropped = families_->log_lines_dropped;
    dropped.Increment(static_cast<double>(log_lines_dropped) - dropped.Value());
    return prometheus::TextSerializer().Serialize(families_->registry.Collect());
}

} // namespace wakegate::actuator
