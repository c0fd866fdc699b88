#include "scaler/metrics.hpp"

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

namespace wakegate::scaler {
namespace {

class gauge_family {
public:
    gauge_family(std::string name, std::string help, std::string label) : label_(std::move(label)) {
        family_.name = std::move(name);
        family_.help = std::move(help);
        family_.type = prometheus::MetricType::Gauge;
    }

    void add(const std::string& label_value, std::uint64_t value) {
        prometheus::ClientMetric metric;
        metric.label.push_back({label_, label_value});
        metric.gauge.value = static_cast<double>(value);
        family_.metric.push_back(std::move(metric));
    }

    [[nodiscard]] prometheus::MetricFamily to_family() && { return std::move(family_); }

private:
    std::string label_;
    prometheus::MetricFamily family_;
};

std::vector<prometheus::MetricFamily> cluster_gauges(const board_status& status) {
    gauge_family held("wakegate_scaler_held", "Clients that wait for the cluster.", "cluster");
    gauge_family busy("wakegate_scaler_busy", "Sessions with work under way.", "cluster");
    gauge_family idle("wakegate_scaler_idle", "Sessions that ask for nothing.", "cluster");
    gauge_family active(
        "wakegate_scaler_active", "1: demand, 0: none, absent: unknown; as KEDA is told.", "cluster"
    );
    gauge_family streams(
        "wakegate_scaler_streams", "StreamIsActive streams of ScaledObjects.", "cluster"
    );
    gauge_family unheard(
        "wakegate_scaler_unheard_demand",
        "1: it is wanted, and no ScaledObject asks about it; else 0.",
        "cluster"
    );
    for (const auto& each : status.clusters) {
        if (!each.view.reported && each.streams == 0) {
            continue; // its name may be invented by any client
        }
        const bool is_unheard = std::ranges::any_of(status.unheard, [&](const auto& known) {
            return known.cluster == each.cluster;
        });
        unheard.add(each.cluster, is_unheard ? 1 : 0);
        held.add(each.cluster, each.view.held);
        busy.add(each.cluster, each.view.busy);
        idle.add(each.cluster, each.view.idle);
        streams.add(each.cluster, each.streams);
        if (each.decision.answer != scaler_answer::unknown) {
            active.add(each.cluster, each.decision.answer == scaler_answer::active ? 1 : 0);
        }
    }
    std::vector<prometheus::MetricFamily> families;
    for (auto* family : {&held, &busy, &idle, &active, &streams, &unheard}) {
        families.push_back(std::move(*family).to_family());
    }
    return families;
}

prometheus::MetricFamily proxy_gauge(const board_status& status) {
    gauge_family proxies(
        "wakegate_scaler_proxies", "Proxies by the state of their lease.", "state"
    );
    const auto leased = std::ranges::count_if(status.proxies, [](const auto& proxy) {
        return proxy.lease_left > milliseconds(0);
    });
    const auto all = std::ssize(status.proxies);
    proxies.add("leased", static_cast<std::uint64_t>(leased));
    proxies.add("lapsed", static_cast<std::uint64_t>(all - leased));
    return std::move(proxies).to_family();
}

prometheus::MetricFamily log_counter(std::uint64_t lines_dropped) {
    prometheus::MetricFamily family;
    family.name = "wakegate_scaler_log_lines_dropped_total";
    family.help = "Log lines that nobody read in time, or that could not be written.";
    family.type = prometheus::MetricType::Counter;
    family.metric.emplace_back().counter.value = static_cast<double>(lines_dropped);
    return family;
}

} // namespace

metrics::metrics()
    : pushes_(prometheus::BuildCounter()
                  .Name("wakegate_scaler_pushes_total")
                  .Help("Activations handed to StreamIsActive streams.")
                  .Register(registry_)),
      answers_(prometheus::BuildCounter()
                   .Name("wakegate_scaler_answers_total")
                   .Help("Answers to KEDA by RPC and content.")
                   .Register(registry_)),
      trigger_errors_(prometheus::BuildCounter()
                          .Name("wakegate_scaler_trigger_errors_total")
                          .Help("Calls refused for a trigger's metadata, by ScaledObject and key.")
                          .Register(registry_)),
      orders_(prometheus::BuildCounter()
                  .Name("wakegate_scaler_orders_total")
                  .Help("Orders by hand: taken, or why not.")
                  .Register(registry_)) {}

void metrics::count_push(const std::string& cluster) {
    pushes_.Add({{"cluster", cluster}}).Increment();
}

void metrics::count_answer(std::string_view rpc, std::string_view answer) {
    answers_.Add({{"rpc", std::string(rpc)}, {"answer", std::string(answer)}}).Increment();
}

void metrics::count_order(std::string_view answer) {
    orders_.Add({{"answer", std::string(answer)}}).Increment();
}

void metrics::count_trigger_error(const std::string& scaled_object, const std::string& key) {
    trigger_errors_.Add({{"scaled_object", scaled_object}, {"key", key}}).Increment();
}

std::string metrics::page(const board_status& status, std::uint64_t log_lines_dropped) const {
    auto families = registry_.Collect();
    std::ranges::move(cluster_gauges(status), std::back_inserter(families));
    families.push_back(proxy_gauge(status));
    families.push_back(log_counter(log_lines_dropped));
    return prometheus::TextSerializer().Serialize(families);
}

} // namespace wakegate::scaler
