#include "proxy/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <chrono>

namespace wakegate::proxy {
namespace {

/// Around the connect timeouts of common drivers: 5 s, 10 s, 15 s, 30 s, 60 s.
const prometheus::Histogram::BucketBoundaries seconds_buckets{
    0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120
};

double to_seconds(duration value) {
    return std::chrono::duration<double>(value).count();
}

template <typename Metric>
prometheus::Family<Metric>& family(
    prometheus::detail::Builder<Metric> builder,
    prometheus::Registry& registry,
    const char* name,
    const char* help
) {
    return builder.Name(name).Help(help).Register(registry);
}

} // namespace

metrics::metrics()
    : sessions_(family(
          prometheus::BuildGauge(),
          registry_,
          "wakegate_proxy_sessions",
          "Clients by state: held (waiting or logging in), busy, idle."
      )),
      ready_(family(
          prometheus::BuildGauge(),
          registry_,
          "wakegate_proxy_cluster_ready",
          "1 when the cluster answered the last time it was asked."
      )),
      wakes_(family(
          prometheus::BuildCounter(),
          registry_,
          "wakegate_proxy_wakes_total",
          "Times the cluster came to answer while it was wanted."
      )),
      refusals_(family(
          prometheus::BuildCounter(),
          registry_,
          "wakegate_proxy_refusals_total",
          "Clients refused by the gate itself, by SQLSTATE."
      )),
      cancels_(family(
          prometheus::BuildCounter(),
          registry_,
          "wakegate_proxy_cancels_total",
          "CancelRequests forwarded to a server, passed on to the other replicas, broadcast, or "
          "dropped, and why."
      )),
      wake_seconds_(family(
          prometheus::BuildHistogram(),
          registry_,
          "wakegate_proxy_wake_seconds",
          "From the first client that wants in to a server that answers a login."
      )),
      held_seconds_(family(
          prometheus::BuildHistogram(),
          registry_,
          "wakegate_proxy_held_seconds",
          "How long clients that had to wait were held before they were let through."
      )),
      scaler_streams_(family(
                          prometheus::BuildGauge(),
                          registry_,
                          "wakegate_proxy_scaler_streams",
                          "Scaler replicas that hear this proxy's demand."
      )
                          .Add({})),
      log_lines_dropped_(family(
                             prometheus::BuildCounter(),
                             registry_,
                             "wakegate_proxy_log_lines_dropped_total",
                             "Log lines that nobody read in time, or that could not be written."
      )
                             .Add({})),
      verifiers_(family(
          prometheus::BuildGauge(),
          registry_,
          "wakegate_proxy_verifiers",
          "Roles that auth_query has told, or its cache remembers."
      )),
      verifiers_refreshed_(family(
          prometheus::BuildGauge(),
          registry_,
          "wakegate_proxy_verifiers_refreshed_timestamp_seconds",
          "When auth_query was last answered; 0: not since the proxy was started."
      )),
      verifier_cache_stored_(family(
          prometheus::BuildGauge(),
          registry_,
          "wakegate_proxy_verifier_cache_stored_timestamp_seconds",
          "When verifier_cache was last written, or found to be as it should be; 0: never."
      )),
      certificates_not_after_(family(
          prometheus::BuildGauge(),
          registry_,
          "wakegate_proxy_certificate_not_after_seconds",
          "When a certificate expires, of several the first to: a listener's or cluster's own, or "
          "of a client_ca."
      )) {}

void metrics::refused(std::string_view cluster, std::string_view sqlstate) {
    refusals_.Add({{"cluster", std::string(cluster)}, {"sqlstate", std::string(sqlstate)}}
    ).Increment();
}

void metrics::cancelled(std::string_view outcome, std::string_view reason) {
    prometheus::Labels labels = {{"outcome", std::string(outcome)}};
    if (!reason.empty()) {
        labels.emplace("reason", reason);
    }
    cancels_.Add(labels).Increment();
}

void metrics::released(const std::string& cluster, duration held) {
    held_seconds_.Add({{"cluster", cluster}}, seconds_buckets).Observe(to_seconds(held));
}

void metrics::woke(const std::string& cluster, duration took) {
    wakes_.Add({{"cluster", cluster}}).Increment();
    wake_seconds_.Add({{"cluster", cluster}}, seconds_buckets).Observe(to_seconds(took));
}

void metrics::set_demand(const std::string& cluster, const gate_demand& demand) {
    const auto set = [&](const char* state, std::size_t value) {
        sessions_.Add({{"cluster", cluster}, {"state", state}}).Set(static_cast<double>(value));
    };
    set("held", demand.held);
    set("busy", demand.busy);
    set("idle", demand.idle);
    ready_.Add({{"cluster", cluster}}).Set(demand.state == gate_state::ready ? 1 : 0);
}

void metrics::set_verifiers(const std::string& cluster, const verifier_stats& stats) {
    const prometheus::Labels labels{{"cluster", cluster}};
    const auto at = stats.refreshed_at.time_since_epoch().count();
    verifiers_.Add(labels).Set(static_cast<double>(stats.roles));
    verifiers_refreshed_.Add(labels).Set(static_cast<double>(at));
}

void metrics::set_verifier_cache(std::chrono::sys_seconds stored_at) {
    const auto at = stored_at.time_since_epoch().count();
    verifier_cache_stored_.Add({}).Set(static_cast<double>(at));
}

void metrics::set_certificates(const std::vector<tls::owned_expiry>& expiries) {
    std::map<prometheus::Labels, std::chrono::sys_seconds> first;
    for (const auto& [kind, name, term] : expiries) {
        const auto* const certificate = term.key == "client_ca" ? "client_ca" : "own";
        const prometheus::Labels labels{{std::string(kind), name}, {"certificate", certificate}};
        auto& end = first.try_emplace(labels, term.not_after).first->second;
        end = std::min(end, term.not_after);
    }
    for (const auto& [labels, end] : first) {
        const auto at = end.time_since_epoch().count();
        certificates_not_after_.Add(labels).Set(static_cast<double>(at));
    }
}

void metrics::set_scaler_streams(std::size_t connected) {
    scaler_streams_.Set(static_cast<double>(connected));
}

void metrics::set_log_lines_dropped(std::uint64_t total) {
    log_lines_dropped_.Increment(static_cast<double>(total) - log_lines_dropped_.Value());
}

std::string metrics::exposition() const {
    return prometheus::TextSerializer().Serialize(registry_.Collect());
}

} // namespace wakegate::proxy
