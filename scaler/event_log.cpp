#include "scaler/event_log.hpp"

#include "common/edit_distance.hpp"
#include "common/log.hpp"
#include "common/units.hpp"
#include "scaler/faults.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace wakegate::scaler {
namespace {

struct change_event {
    log::level level;
    std::string_view name;
};

change_event event_of(proxy_change_kind kind) {
    switch (kind) {
    case proxy_change_kind::joined:
        return {log::level::info, "proxy_joined"};
    case proxy_change_kind::left:
        return {log::level::info, "proxy_left"};
    case proxy_change_kind::lapsed:
        return {log::level::warning, "proxy_lapsed"};
    case proxy_change_kind::forgotten:
        return {log::level::warning, "proxy_forgotten"};
    }
    return {log::level::warning, "proxy_forgotten"};
}

void log_change(const proxy_change& change) {
    const auto [level, name] = event_of(change.kind);
    log::event event(level, std::string(name));
    event.with("proxy", change.proxy_id);
    if (!change.proxy_name.empty()) {
        event.with("name", change.proxy_name);
    }
}

void log_unheard(const unheard_demand& unheard) {
    const auto unreported_clusters = join_names(unheard.unreported_clusters);
    log::warning("demand_unheard")
        .with("cluster", unheard.cluster)
        .with("held", unheard.held)
        .with("asked_about", unreported_clusters)
        .with(
            "remedy",
            unreported_clusters.empty()
                ? "nobody asks this scaler about the cluster, so nobody wakes it: start KEDA or "
                  "the "
                  "actuator, or give the cluster a ScaledObject whose trigger asks here"
                : "ScaledObjects ask about what no proxy names: correct cluster in the trigger's "
                  "metadata"
        );
}

} // namespace

void event_log::record(const board_changes& changes) {
    for (const auto& change : changes.proxies) {
        log_change(change);
    }
    for (const auto& order : changes.orders) {
        log::info("order_ended")
            .with("cluster", order.cluster)
            .with("order", to_string(order.kind))
            .with("reason", order.is_expired ? "expired" : "sleep-now");
    }
    for (const auto& cluster : changes.pushed) {
        counters_.count_push(cluster);
        log::info("activation_pushed").with("cluster", cluster);
    }
    for (const auto& unheard : changes.unheard) {
        log_unheard(unheard);
    }
    if (changes.shortage) {
        log::warning("proxies_missing")
            .with("expected", changes.shortage->expected)
            .with("leased", changes.shortage->leased)
            .with("reason", describe(*changes.shortage))
            .with(
                "remedy",
                "start the other proxies with this scaler in their `scalers`, or set "
                "expected_proxies to how many there are"
            );
    }
}

void event_log::answered(
    std::string_view rpc, const std::string& cluster, std::string_view answer
) {
    counters_.count_answer(rpc, answer);
    log::debug("answered").with("rpc", rpc).with("cluster", cluster).with("answer", answer);
}

void event_log::refused(
    std::string_view rpc,
    std::string_view status,
    std::string_view cluster,
    std::string_view reason,
    time_point now
) {
    std::optional<std::uint64_t> times;
    {
        const std::lock_guard lock(mutex_);
        times = refusals_.count(cluster, reason, now);
    }
    counters_.count_answer(rpc, status);
    log::event event(times ? log::level::info : log::level::debug, "refused");
    event.with("rpc", rpc).with("status", status);
    if (!cluster.empty()) {
        event.with("cluster", cluster);
    }
    event.with("reason", reason).with("times", times.value_or(1));
}

bool event_log::is_due(const unreported_cluster& unreported, time_point now) {
    const std::lock_guard lock(mutex_);
    return trigger_errors_.is_due(
        unreported.scaled_object, "no proxy names " + unreported.cluster, now
    );
}

void event_log::warn_unreported(
    const unreported_cluster& unreported, std::vector<std::string> named
) {
    log::warning("trigger_unknown_cluster")
        .with("scaled_object", unreported.scaled_object)
        .with("cluster", unreported.cluster)
        .with("named", join_names(nearest_first(std::move(named), unreported.cluster)))
        .with("remedy", "give cluster in the trigger's metadata one of the named");
}

void event_log::refused_trigger(
    std::string_view rpc,
    const std::string& scaled_object,
    const metadata_error& error,
    time_point now
) {
    std::string label;
    bool is_due = false;
    {
        const std::lock_guard lock(mutex_);
        label = trigger_errors_.label_of(scaled_object);
        is_due = trigger_errors_.is_due(scaled_object, error.text, now);
    }
    counters_.count_answer(rpc, "invalid_argument");
    counters_.count_trigger_error(label, error.key);
    log::event(is_due ? log::level::warning : log::level::debug, "trigger_refused")
        .with("scaled_object", scaled_object)
        .with("key", error.key)
        .with("reason", error.text)
        .with("rpc", rpc);
}

void event_log::stream_opened(const std::string& cluster, std::string_view scaled_object) {
    log::info("stream_opened").with("cluster", cluster).with("scaled_object", scaled_object);
}

void event_log::stream_closed(const std::string& cluster, std::string_view scaled_object) {
    log::info("stream_closed").with("cluster", cluster).with("scaled_object", scaled_object);
}

void event_log::order_taken(const manual_order& order, std::string_view peer) {
    counters_.count_order("taken");
    auto event = log::info("order_taken");
    event.with("cluster", order.cluster).with("order", to_string(order.kind));
    if (order.period > milliseconds(0)) {
        event.with("for", format_duration(order.period));
    }
    event.with("peer", peer);
}

void event_log::order_refused(const order_refusal& refusal, std::string_view peer) {
    counters_.count_order(refusal.label);
    log::info("order_refused").with("peer", peer).with("reason", refusal.text);
}

void event_log::order_unauthorized(
    const order_refusal& refusal, std::string_view peer, time_point now
) {
    std::optional<std::uint64_t> times;
    {
        const std::lock_guard lock(mutex_);
        times = refusals_.count("order", refusal.label, now);
    }
    counters_.count_order(refusal.label);
    log::event(times ? log::level::warning : log::level::debug, "order_unauthorized")
        .with("peer", peer)
        .with("reason", refusal.text)
        .with("times", times.value_or(1));
}

} // namespace wakegate::scaler
